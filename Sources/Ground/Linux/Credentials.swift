import CLinux

/// Who a process is and what it may do. Each call is of the calling thread, for programs of one
/// thread.
public enum Credentials {
    /// setgroups(2), setresgid(2), setresuid(2), in the one order that works: each needs what the
    /// next takes.
    /// - Parameter groups: nil leaves the supplementary groups as they are.
    public static func become(uid: UInt32, gid: UInt32, groups: [UInt32]?) throws(SystemError) {
        if let groups {
            try check("setgroups \(groups)") { clinux_setgroups(Int32(groups.count), groups) }
        }
        try check("setgid \(gid)") { clinux_setresgid(gid) }
        try check("setuid \(uid)") { clinux_setresuid(uid) }
    }

    /// Lets the permitted capabilities survive a change of uid away from 0 (PR_SET_KEEPCAPS).
    public static func keepCapabilities(_ keep: Bool) throws(SystemError) {
        try check("prctl PR_SET_KEEPCAPS") { clinux_prctl(PR_SET_KEEPCAPS, keep ? 1 : 0, 0, 0, 0) }
    }

    /// Drops every capability that is not in `keep` from the bounding set: no exec can bring it
    /// back.
    public static func limitBounding(to keep: UInt64) throws(SystemError) {
        for number in 0...UInt64(clinux_capability_last()) where keep & (1 << number) == 0 {
            try check("drop capability \(number)") {
                clinux_prctl(PR_CAPBSET_DROP, UInt(number), 0, 0, 0)
            }
        }
    }

    /// capset(2), then the ambient set one by one.
    public static func setCapabilities(
        effective: UInt64, permitted: UInt64, inheritable: UInt64, ambient: UInt64
    ) throws(SystemError) {
        try check("capset") { clinux_capset(effective, permitted, inheritable) }
        try check("clear ambient capabilities") {
            clinux_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0)
        }
        for number in 0..<UInt64(64) where ambient & (1 << number) != 0 {
            try check("raise ambient capability \(number)") {
                clinux_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_RAISE), UInt(number), 0, 0)
            }
        }
    }

    /// No exec from here on gives privileges that this process does not have (PR_SET_NO_NEW_PRIVS).
    public static func setNoNewPrivileges() throws(SystemError) {
        try check("prctl PR_SET_NO_NEW_PRIVS") { clinux_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }
    }
}
