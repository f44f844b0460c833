import ContractControlGroups

/// Lab 02: from quantities to control files (Limits.swift), and what is done with a group
/// (Groups.swift).
public struct ControlGroups: ControlGroupsPart, Part {
    public init() {}

    public func milliCPUs(_ quantity: String) throws -> Int {
        try Quantity(quantity).inUnits(1000)
    }

    public func bytes(_ quantity: String) throws -> Int {
        try Quantity(quantity).inUnits(1)
    }

    /// Shares stand for a request, a quota for a limit. A limit without a request is a request as
    /// well.
    public func resources(_ wanted: ContainerResources) throws -> LinuxResources {
        // step 02.2 begin
        throw Unfinished("02.2")
        // step 02.2 end
    }

    /// Throttled is what the kernel counted as throttled; seconds that pass prove nothing.
    /// Microseconds where the kernel of version 1 says nanoseconds. What is not told is nil.
    public func readUsage(_ files: ControlGroupFiles) throws -> ControlGroupUsage {
        // step 02.7 begin
        throw Unfinished("02.7")
        // step 02.7 end
    }
}

extension ControlGroupFiles {
    /// The number that a file begins with: `pids.current`. Nil where there is none.
    func number(in name: String) -> Int? {
        text[name]?.split { $0 == "\n" || $0 == " " }.first.flatMap { Int($0) }
    }

    /// The number in a file's line of that key: `nr_throttled 3` in `cpu.stat`.
    func number(_ key: String, in name: String) -> Int? {
        for line in (text[name] ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int(words[1]) }
        }
        return nil
    }
}
