import CLinux

/// The machine's clocks, for the edge of a program. Decisions get their time as an argument.
public enum Clock {
    /// Milliseconds since some moment before the machine started; never goes back.
    public static func monotonicMilliseconds() -> Int {
        let now = read(CLOCK_MONOTONIC)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    /// The same clock in microseconds, for what is over in a few of them.
    public static func monotonicMicroseconds() -> Int {
        let now = read(CLOCK_MONOTONIC)
        return now.tv_sec * 1_000_000 + now.tv_nsec / 1000
    }

    /// Seconds since 1970 began, UTC.
    public static func unixSeconds() -> Int { read(CLOCK_REALTIME).tv_sec }

    /// Microseconds of processor time that this process and its children took, as far as those have ended.
    /// getrusage(2)
    public static func processorMicroseconds() -> Int {
        processorMicroseconds(RUSAGE_SELF) + childrensProcessorMicroseconds()
    }
    /// Microseconds of processor time that the children took which have ended.
    public static func childrensProcessorMicroseconds() -> Int {
        processorMicroseconds(RUSAGE_CHILDREN)
    }
    private static func processorMicroseconds(_ whose: __rusage_who) -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(whose.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + $1.tv_sec * 1_000_000 + $1.tv_usec }
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var now = timespec()
        clock_gettime(clock, &now)
        return now
    }
}

/// Waits for what somebody else does in his own time: looks again and again until it is so.
/// - Parameters:
///   - milliseconds: how long at most.
///   - pause: milliseconds between two looks.
/// - Returns: whether it came to be so within the time.
public func eventually(
    within milliseconds: Int, every pause: Int = 5, _ condition: () throws -> Bool
) rethrows -> Bool {
    let end = Clock.monotonicMilliseconds() + milliseconds
    while Clock.monotonicMilliseconds() < end {
        if try condition() { return true }
        usleep(UInt32(pause) * 1000)
    }
    return try condition()
}
