import Linux

/// Ctrl-C, noted: whoever is at work ends it in order, and leaves no process and no namespace behind.
public enum Interruption {
    nonisolated(unsafe) private static var flag: sig_atomic_t = 0

    public static var came: Bool { flag != 0 }

    /// From now on SIGINT and SIGTERM end nothing by themselves: whoever waits has to look at `came`.
    public static func listen() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in Interruption.flag = 1 }
        // Without SA_RESTART: a read that waits comes back and can look.
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
    }

    /// SIGTERM for this process when its parent is gone, however it went.
    public static func endWithParent() {
        _ = clinux_prctl(1 /* PR_SET_PDEATHSIG */, UInt(SIGTERM), 0, 0, 0)
    }
}

/// Thrown where work was broken off because of a signal.
public struct Interrupted: Error {
    public init() {}
}
