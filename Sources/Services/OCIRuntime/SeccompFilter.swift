import ContractRuntime
import CSeccomp
import Linux

/// Makes a BPF program of the rules, through libseccomp, and loads it for the calling process
/// (seccomp(2)).
///
/// A system call that this architecture or this library does not have can't be made, so its rule is
/// left out: profiles are written for many kernels.
func loadSeccomp(_ rules: SeccompRules) throws {
    guard let filter = seccomp_init(rules.defaultAction) else {
        throw BadSeccomp(
            "default action 0x\(String(rules.defaultAction, radix: 16)) is refused by libseccomp")
    }
    defer { seccomp_release(filter) }
    // no_new_privs is the specification's to set, not the library's.
    try succeed("set no_new_privs", seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0))
    for name in rules.architectures {
        let token = seccomp_arch_resolve_name(name)
        guard token != 0 else { throw BadSeccomp("libseccomp knows no architecture \"\(name)\"") }
        let answer = seccomp_arch_add(filter, token)
        if answer != -EEXIST { try succeed("add architecture \(name)", answer) }
    }
    for rule in rules.rules { try add(rule, to: filter) }
    try succeed("load the filter", seccomp_load(filter))
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
