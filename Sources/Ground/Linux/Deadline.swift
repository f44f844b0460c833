import CLinux

/// A moment by which something has to be over, on the clock that never goes back.
///
/// Whatever number of seconds somebody wrote, neither making a deadline nor asking what is left of
/// it traps: what lies more than some ninety years away is as far away as that, and what lies in
/// the past is over.
public struct Deadline: Hashable, Sendable {
    /// About ninety-five years: longer than any machine runs, and far from what a clock's type
    /// can't hold.
    public static let secondsMax = 3_000_000_000
    private let milliseconds: Int

    public init(afterSeconds seconds: Int) {
        self.init(afterMilliseconds: Self.clamped(seconds: seconds) * 1000)
    }

    public init(afterMilliseconds more: Int) {
        milliseconds = Clock.monotonicMilliseconds() + min(max(0, more), Self.secondsMax * 1000)
    }

    /// A number of seconds that somebody wrote, as one that can be slept.
    public static func clamped(seconds: Int) -> Int { min(max(0, seconds), secondsMax) }

    public var isOver: Bool { millisecondsLeft == 0 }
    /// Never below zero.
    public var millisecondsLeft: Int { max(0, milliseconds - Clock.monotonicMilliseconds()) }

    /// poll(2) until one of `polled` is ready: true; or until the deadline: false. A signal on the
    /// way is no end.
    public func poll(_ polled: inout [pollfd]) -> Bool {
        while true {
            let ready = CLinux.poll(
                &polled, nfds_t(polled.count), Int32(clamping: millisecondsLeft))
            if ready > 0 { return true }
            if ready < 0, Errno.current != .interrupted { return false }
            if isOver { return false }
        }
    }

    /// poll(2) of one descriptor.
    public func poll(_ descriptor: Int32, for events: Int32) -> Bool {
        var polled = [pollfd(fd: descriptor, events: Int16(events), revents: 0)]
        return poll(&polled)
    }
}

extension Int {
    /// The sum, or the end of the range that it lies beyond.
    public func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    /// The product, or the end of the range that it lies beyond.
    public func multipliedClamped(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}
