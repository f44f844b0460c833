/// When to start a component again that has ended: at once the first time, later and later while it keeps
/// ending, but never later than the dock promises.
///
///     ends after 60 s   →  0.2 s
///     ends again at once →  0.4 s, 0.8 s, 1.6 s, 3 s, 3 s, …
public struct Restarts: Sendable, Equatable {
    static let delayMillisecondsMin = 200
    /// The dock promises a killed component back within 5 s; the rest is for starting.
    static let delayMillisecondsMax = 3000
    /// Who ran this long has recovered, and starts from the shortest delay again.
    static let wellAfterMilliseconds = 10_000

    public private(set) var count = 0
    private var nextDelay = delayMillisecondsMin

    public init() {}

    /// - Returns: how long to wait, in milliseconds.
    public mutating func ended(afterRunningMilliseconds ran: Int) -> Int {
        count += 1
        if ran >= Self.wellAfterMilliseconds { nextDelay = Self.delayMillisecondsMin }
        defer { nextDelay = min(nextDelay * 2, Self.delayMillisecondsMax) }
        return nextDelay
    }
}
