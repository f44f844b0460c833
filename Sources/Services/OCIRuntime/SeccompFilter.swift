import CSeccomp
import ContractRuntime
import Linux

/// A BPF program, made of the rules by libseccomp, ready to be loaded by one system call (seccomp(2)).
///
/// A system call that this architecture or this library does not have can't be made, so its rule is
/// left out: profiles are written for many kernels.
struct SeccompFilter {
    /// Eight bytes each, as `struct sock_filter` lies in memory.
    private let instructions: [UInt64]
    private let flags: UInt32

    init(_ rules: SeccompRules, flags: [String]) throws {
        self.flags = try flags.reduce(0) { try $0 | Self.flag($1) }
        guard let filter = seccomp_init(rules.defaultAction) else {
            throw BadSeccomp(
                "default action 0x\(String(rules.defaultAction, radix: 16)) is refused by libseccomp"
            )
        }
        defer { seccomp_release(filter) }
        for name in rules.architectures {
            let token = seccomp_arch_resolve_name(name)
            guard token != 0 else {
                throw BadSeccomp("libseccomp knows no architecture \"\(name)\"")
            }
            let answer = seccomp_arch_add(filter, token)
            if answer != -EEXIST { try succeed("add architecture \(name)", answer) }
        }
        for rule in rules.rules { try add(rule, to: filter) }
        instructions = try Self.export(filter)
    }

    /// Loads it for the calling process. -1 and errno where the kernel refuses it.
    func load() -> Int32 { clinux_filter(instructions, UInt16(instructions.count), flags) }

    /// linux/seccomp.h. One thread is all that there is, so that `TSYNC` asks for nothing.
    private static func flag(_ name: String) throws -> UInt32 {
        switch name {
        case "SECCOMP_FILTER_FLAG_TSYNC": return 0
        case "SECCOMP_FILTER_FLAG_LOG": return 2
        case "SECCOMP_FILTER_FLAG_SPEC_ALLOW": return 4
        default: throw BadSeccomp("flags: \"\(name)\" is not supported")
        }
    }

    /// libseccomp gives the program to a file only.
    private static func export(_ filter: scmp_filter_ctx) throws -> [UInt64] {
        let file = FileDescriptor(owning: try check("memfd_create") { clinux_memfd("filter") })
        let raw = file.raw
        try succeed("make the filter", seccomp_export_bpf(filter, raw))
        try check("lseek") { lseek(raw, 0, SEEK_SET) }
        let bytes = try file.readToEnd()
        guard bytes.count / 8 <= Int(UInt16.max) else { throw BadSeccomp("too many rules") }
        return bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map {
                bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)
            }
        }
    }
}

private func add(_ rule: SeccompRules.Rule, to filter: scmp_filter_ctx) throws {
    let number = seccomp_syscall_resolve_name(rule.syscall)
    if number == __NR_SCMP_ERROR { return }
    let conditions = rule.conditions.map {
        scmp_arg_cmp(
            arg: $0.index, op: scmp_compare(rawValue: UInt32($0.comparison.rawValue)),
            datum_a: $0.value,
            datum_b: $0.valueTwo)
    }
    // libseccomp takes one condition an argument; two for the same one are two rules, either of
    // which will do.
    let isRepeated = Set(conditions.map(\.arg)).count < conditions.count
    let groups = isRepeated ? conditions.map { [$0] } : [conditions]
    for group in groups {
        let answer = seccomp_rule_add_array(filter, rule.action, number, UInt32(group.count), group)
        if answer != -EDOM { try succeed("rule for \(rule.syscall)", answer) }
    }
}

private func succeed(_ what: String, _ answer: Int32) throws {
    if answer < 0 { throw BadSeccomp("\(what): \(Errno(rawValue: -answer))") }
}
