import PodRuntime

/// CPU use as a rate, from readings of a counter that only grows.
///
/// Worked example: 2.0 s of CPU time at 10 s, 4.5 s at 15 s: 2.5 s in 5 s are 500 000 000
/// nanoseconds a second.
public struct UsageRate: Sendable {
    private var older: ContainerStats?
    private var newer: ContainerStats?

    public init() {}

    /// Takes a regular reading; the one before the last is forgotten.
    public mutating func sample(_ reading: ContainerStats) { (older, newer) = (newer, reading) }

    /// CPU nanoseconds a second up to `now`: over the last one or two samples, or, for a container
    /// that has none yet, since it began.
    /// - Parameter startedAt: nanoseconds since 1970.
    public func nanoCores(_ now: ContainerStats, startedAt: Int) -> Int {
        // Closer than a second a rate would be noise.
        let base = [newer, older].compactMap { $0 }.first { now.at - $0.at >= 1_000_000_000 }
        let time = now.at - (base?.at ?? startedAt)
        let used = max(0, now.cpuNanoseconds - (base?.cpuNanoseconds ?? 0))
        return time > 0 ? Int(Double(used) * 1e9 / Double(time)) : 0
    }
}
