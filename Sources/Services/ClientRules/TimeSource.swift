import Linux
import Objects

/// Where a service gets its time from: the machine's clock, or a test's.
public protocol TimeSource: Sendable {
    /// Milliseconds since some fixed moment; never goes back.
    var monotonicMilliseconds: Int { get }
    /// The time of day, UTC.
    var now: Timestamp { get }
    /// - Throws: `CancellationError`.
    func sleep(milliseconds: Int) async throws
}

/// The machine's own clock.
public struct MachineTime: TimeSource {
    public init() {}
    public var monotonicMilliseconds: Int { Clock.monotonicMilliseconds() }
    public var now: Timestamp { Timestamp(seconds: Clock.unixSeconds()) }
    public func sleep(milliseconds: Int) async throws {
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}

/// How long to wait before the next try: doubles with each failure, up to a limit.
///
/// With 5 and 1000: 5, 10, 20, … 640, 1000, 1000. The numbers of client-go's queues are 5 ms and 1000 s;
/// the kit's limits are shorter, for people wait in front of it.
public struct Backoff: Sendable {
    public let firstMilliseconds: Int
    public let limitMilliseconds: Int

    public init(firstMilliseconds: Int, limitMilliseconds: Int) {
        self.firstMilliseconds = firstMilliseconds
        self.limitMilliseconds = limitMilliseconds
    }

    /// - Parameter failures: 1 after the first failure.
    public func milliseconds(failures: Int) -> Int {
        let doublings = min(max(failures - 1, 0), 30)
        return min(firstMilliseconds << doublings, limitMilliseconds)
    }

    /// Spreads callers that failed together: between half the wait and all of it.
    /// - Parameter dice: 0 ..< 1.
    public static func jittered(_ milliseconds: Int, dice: Double) -> Int {
        milliseconds / 2 + Int(Double(milliseconds) / 2 * dice)
    }
}
