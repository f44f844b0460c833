import JSON

/// What `seccompProfile: {type: RuntimeDefault}` keeps from a container: the calls that change the machine and not just
/// the container. Who holds the capability that such a call needs may make it.
///
/// The container managers in use turn it round and list the three hundred odd calls that are allowed, so that a call that
/// a later kernel brings is refused there and allowed here. Source of the list: Docker's documentation, "Significant syscalls
/// blocked by default profile".
func defaultSeccomp(capabilities: [String]) -> JSON {
    let held = Set(capabilities)
    let refused = guarded.filter { !held.contains($0.capability) }.map { refuse($0.calls) }
        + [refuse(always)]
    let mayMakeNamespaces = held.contains("CAP_SYS_ADMIN")
    return [
        "defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": .array(refused + (mayMakeNamespaces ? [] : newNamespaces)),
    ]
}

/// Calls by the capability that opens them.
private let guarded: [(capability: String, calls: String)] = [
    (
        "CAP_SYS_ADMIN",
        "mount umount umount2 pivot_root setns unshare fsopen fsmount fsconfig fspick move_mount open_tree mount_setattr "
            + "quotactl swapon swapoff lookup_dcookie sethostname setdomainname"
    ),
    ("CAP_SYS_MODULE", "init_module finit_module delete_module"),
    ("CAP_SYS_BOOT", "reboot kexec_load kexec_file_load"),
    ("CAP_SYS_TIME", "settimeofday clock_settime clock_adjtime stime"),
    ("CAP_SYS_PACCT", "acct"),
    ("CAP_SYS_RAWIO", "iopl ioperm"),
    ("CAP_DAC_READ_SEARCH", "open_by_handle_at"),
    ("CAP_SYS_PTRACE", "kcmp"),
    ("CAP_BPF", "bpf"),
    ("CAP_PERFMON", "perf_event_open"),
    ("CAP_SYSLOG", "syslog"),
    ("CAP_SYS_NICE", "mbind set_mempolicy migrate_pages move_pages"),
]

/// The kernel's keys know no namespaces, and the others have no use in a container.
private let always =
    "add_key request_key keyctl userfaultfd personality uselib ustat sysfs vm86 vm86old nfsservctl create_module query_module "
    + "get_kernel_syms _sysctl"

/// A clone(2) with any of the flags CLONE_NEW…; and clone3(2), whose flags a filter can't see: ENOSYS sends the
/// C library back to clone.
private let newNamespaces: [JSON] = [
    0x0200_0000, 0x0002_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
].map { (flag: Int) -> JSON in
    var rule = refuse("clone")
    rule["args"] = [
        ["index": 0, "value": JSON(flag), "valueTwo": JSON(flag), "op": "SCMP_CMP_MASKED_EQ"]
    ]
    return rule
} + [["names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38]]

private func refuse(_ calls: String) -> JSON {
    ["names": .array(calls.split(separator: " ").map { .string(String($0)) }), "action": "SCMP_ACT_ERRNO", "errnoRet": 1]
}
