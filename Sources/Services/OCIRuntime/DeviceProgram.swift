import ContractControlGroups

/// The device rules as a BPF program, which is what version 2 of cgroups has in place of a device
/// controller.
///
/// The kernel runs it at each opening and making of a device node; it answers 1 to allow and 0 to
/// refuse. Source: struct bpf_cgroup_dev_ctx in linux/bpf.h.
struct DeviceProgram {
    /// Eight bytes each, as `struct bpf_insn` lies in memory.
    private(set) var instructions: [UInt64] = []

    // Registers: 1 the context at entry, then free; what is asked for stays in these.
    private static let (type, access, major, minor): (UInt8, UInt8, UInt8, UInt8) = (2, 3, 4, 5)

    /// A later rule overrides an earlier one, so the last comes first, and the first that fits
    /// decides.
    init(_ rules: [LinuxResources.DeviceRule]) {
        load(Self.type, from: 0)
        add(0x57, Self.type, immediate: 0xFFFF)  // type &= 0xFFFF
        load(Self.access, from: 0)
        add(0x77, Self.access, immediate: 16)  // access >>= 16
        load(Self.major, from: 4)
        load(Self.minor, from: 8)
        // The verifier refuses instructions that nothing leads to: what fits always ends the
        // program.
        for rule in rules.reversed() where !add(rule) { return }
        answer(true)
    }

    /// Tests that jump past the rule's answer where they fail.
    /// - Returns: whether anything can come after this rule.
    private mutating func add(_ rule: LinuxResources.DeviceRule) -> Bool {
        var tests: [(register: UInt8, isMask: Bool, value: Int32)] = []
        switch rule.type ?? "a" {
        case "b": tests.append((Self.type, false, 1))
        case "c", "u": tests.append((Self.type, false, 2))
        default: break
        }
        // mknod 1, read 2, write 4: a rule fits where it has all that is asked for.
        let letters = Array((rule.access ?? "rwm").utf8)
        let bits: Int32 =
            (letters.contains(UInt8(ascii: "m")) ? 1 : 0)
            | (letters.contains(UInt8(ascii: "r")) ? 2 : 0)
            | (letters.contains(UInt8(ascii: "w")) ? 4 : 0)
        if bits != 7 { tests.append((Self.access, true, 7 & ~bits)) }
        if rule.type ?? "a" != "a" {
            if let major = rule.major, major >= 0 {
                tests.append((Self.major, false, Int32(clamping: major)))
            }
            if let minor = rule.minor, minor >= 0 {
                tests.append((Self.minor, false, Int32(clamping: minor)))
            }
        }
        for (index, test) in tests.enumerated() {
            let rest = Int16(tests.count - index - 1 + 2)
            // if register & value, or register != value, past the answer
            add(test.isMask ? 0x45 : 0x55, test.register, offset: rest, immediate: test.value)
        }
        answer(rule.allow)
        return !tests.isEmpty
    }

    private mutating func load(_ register: UInt8, from offset: Int16) {
        add(0x61, register, source: 1, offset: offset)  // register = *(u32 *)(context + offset)
    }

    private mutating func answer(_ isAllowed: Bool) {
        add(0xB7, 0, immediate: isAllowed ? 1 : 0)  // r0 = …
        add(0x95, 0)  // exit
    }

    private mutating func add(
        _ code: UInt8, _ target: UInt8, source: UInt8 = 0, offset: Int16 = 0, immediate: Int32 = 0
    ) {
        let head = UInt64(code) | UInt64(source << 4 | target) << 8
        let middle = UInt64(UInt16(bitPattern: offset)) << 16
        instructions.append(head | middle | UInt64(UInt32(bitPattern: immediate)) << 32)
    }
}
