import ContractRuntime

extension Runtime {
    /// Spells the profile out: one rule a system call. A rule that only repeats the default says
    /// nothing.
    public func seccompRules(_ profile: SeccompProfile) throws -> SeccompRules {
        // step 05.4 begin
        let fallback = try action(profile.defaultAction, errno: profile.defaultErrnoRet)
        var rules: [SeccompRules.Rule] = []
        for rule in profile.syscalls ?? [] {
            let action = try action(rule.action, errno: rule.errnoRet)
            if action == fallback { continue }
            let conditions = try (rule.args ?? []).map(condition)
            rules += rule.names.map { .init(syscall: $0, action: action, conditions: conditions) }
        }
        let architectures = try (profile.architectures ?? []).map(architecture)
        return SeccompRules(defaultAction: fallback, architectures: architectures, rules: rules)
        // step 05.4 end
    }

    /// linux/seccomp.h. Errno 1 (EPERM) is what an action without a number answers.
    func action(_ name: String, errno: UInt32?) throws -> UInt32 {
        switch name {
        case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": return 0
        case "SCMP_ACT_KILL_PROCESS": return 0x8000_0000
        case "SCMP_ACT_TRAP": return 0x0003_0000
        case "SCMP_ACT_ERRNO": return 0x0005_0000 | (errno ?? 1) & 0xffff
        case "SCMP_ACT_TRACE": return 0x7ff0_0000 | (errno ?? 1) & 0xffff
        case "SCMP_ACT_LOG": return 0x7ffc_0000
        case "SCMP_ACT_ALLOW": return 0x7fff_0000
        default: throw BadSeccomp("unknown action \"\(name)\"")
        }
    }

    func condition(_ argument: SeccompProfile.Argument) throws -> SeccompRules.Condition {
        guard argument.index < 6 else {
            throw BadSeccomp("a system call has no argument \(argument.index)")
        }
        let comparison: SeccompRules.Comparison
        switch argument.op {
        case "SCMP_CMP_NE": comparison = .notEqual
        case "SCMP_CMP_LT": comparison = .less
        case "SCMP_CMP_LE": comparison = .lessOrEqual
        case "SCMP_CMP_EQ": comparison = .equal
        case "SCMP_CMP_GE": comparison = .greaterOrEqual
        case "SCMP_CMP_GT": comparison = .greater
        case "SCMP_CMP_MASKED_EQ": comparison = .maskedEqual
        default: throw BadSeccomp("unknown comparison \"\(argument.op)\"")
        }
        return .init(
            index: argument.index, comparison: comparison, value: argument.value,
            valueTwo: argument.valueTwo ?? 0)
    }

    /// `SCMP_ARCH_X86_64` is what libseccomp calls `x86_64`.
    func architecture(_ name: String) throws -> String {
        let prefix = "SCMP_ARCH_"
        guard name.hasPrefix(prefix) else { throw BadSeccomp("unknown architecture \"\(name)\"") }
        return name.dropFirst(prefix.count).lowercased()
    }
}
