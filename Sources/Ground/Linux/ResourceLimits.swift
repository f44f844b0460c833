import CLinux

/// setrlimit(2).
public enum ResourceLimits {
    /// The names of getrlimit(2), in the order of the kernel's numbers (asm-generic/resource.h).
    public static let names = [
        "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS",
        "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS",
        "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ]

    /// - Parameter name: one of `names`; anything else is EINVAL.
    public static func set(_ name: String, soft: UInt64, hard: UInt64) throws(SystemError) {
        guard let number = names.firstIndex(of: name) else {
            throw SystemError("setrlimit \(name)", .invalid)
        }
        var limit = rlimit(rlim_cur: rlim_t(soft), rlim_max: rlim_t(hard))
        try check("setrlimit \(name) \(soft) \(hard)") { clinux_setrlimit(Int32(number), &limit) }
    }
}
