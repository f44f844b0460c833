import Linux

/// signal(7): names to numbers of this architecture.
enum Signals {
    private static let numbers: [String: Int32] = [
        "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "ILL": SIGILL, "TRAP": SIGTRAP,
        "ABRT": SIGABRT,
        "BUS": SIGBUS, "FPE": SIGFPE, "KILL": SIGKILL, "USR1": SIGUSR1, "SEGV": SIGSEGV,
        "USR2": SIGUSR2,
        "PIPE": SIGPIPE, "ALRM": SIGALRM, "TERM": SIGTERM, "CHLD": SIGCHLD, "CONT": SIGCONT,
        "STOP": SIGSTOP, "TSTP": SIGTSTP, "TTIN": SIGTTIN, "TTOU": SIGTTOU, "URG": SIGURG,
        "XCPU": SIGXCPU, "XFSZ": SIGXFSZ, "VTALRM": SIGVTALRM, "PROF": SIGPROF, "WINCH": SIGWINCH,
        "IO": SIGIO, "SYS": SIGSYS,
    ]

    /// `TERM`, `SIGTERM`, `sigterm` and `15` are the same.
    static func number(of name: String) -> Int32? {
        if let number = Int32(name) { return (0...64).contains(number) ? number : nil }
        let upper = name.uppercased()
        return numbers[
            upper.startsWithBytes(of: "SIG") ? String(Substring(upper.utf8.dropFirst(3))) : upper]
    }
}
