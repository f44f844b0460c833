import CLinux

/// signal(7): names to numbers of this architecture, and back to nobody.
public enum SignalNames {
    private static let numbers: [String: Int32] = [
        "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "ILL": SIGILL, "TRAP": SIGTRAP,
        "ABRT": SIGABRT, "IOT": SIGABRT, "BUS": SIGBUS, "FPE": SIGFPE, "KILL": SIGKILL,
        "USR1": SIGUSR1, "SEGV": SIGSEGV, "USR2": SIGUSR2, "PIPE": SIGPIPE, "ALRM": SIGALRM,
        "TERM": SIGTERM, "STKFLT": SIGSTKFLT, "CHLD": SIGCHLD, "CLD": SIGCHLD, "CONT": SIGCONT,
        "STOP": SIGSTOP, "TSTP": SIGTSTP, "TTIN": SIGTTIN, "TTOU": SIGTTOU, "URG": SIGURG,
        "XCPU": SIGXCPU, "XFSZ": SIGXFSZ, "VTALRM": SIGVTALRM, "PROF": SIGPROF,
        "WINCH": SIGWINCH, "IO": SIGIO, "POLL": SIGIO, "PWR": SIGPWR, "SYS": SIGSYS,
        "RTMIN": first, "RTMAX": last,
    ]
    /// What programs call SIGRTMIN: the kernel has two more below it, which the C library keeps for
    /// its threads.
    private static let first: Int32 = 34
    private static let last: Int32 = 64

    /// `TERM`, `SIGTERM`, `sigterm` and `15` are the same; `SIGRTMIN+3` is 37 and `RTMAX-1` is 63.
    /// nil for what is no signal; 0, with which kill(2) only asks, is one here.
    public static func number(of text: String) -> Int32? {
        if let number = Int32(text) { return (0...last).contains(number) ? number : nil }
        let upper = text.utf8.map { (97...122).contains($0) ? $0 - 32 : $0 }
        let name = upper.starts(with: "SIG".utf8) ? upper.dropFirst(3) : upper[...]
        guard let sign = name.firstIndex(where: { $0 == 43 || $0 == 45 }) else {
            return numbers[String(decoding: name, as: UTF8.self)]
        }
        let (base, digits) = (String(decoding: name[..<sign], as: UTF8.self), name[(sign + 1)...])
        guard let distance = UInt8(String(decoding: digits, as: UTF8.self)), distance < 31 else {
            return nil
        }
        switch (base, name[sign]) {
        case ("RTMIN", 43): return first + Int32(distance)
        case ("RTMAX", 45): return last - Int32(distance)
        default: return nil
        }
    }
}
