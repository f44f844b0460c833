/// What happened in a simulated run, for people.
public struct Timeline: Sendable, CustomStringConvertible {
    /// Lines kept: the last ones are those that matter.
    private static let linesMax = 400
    private var lines: [(time: Int, member: Int, text: String)] = []

    public init() {}

    /// - Parameter member: 0 for what concerns no single one.
    mutating func add(_ time: Int, _ member: Int, _ text: String) {
        lines.append((time, member, text))
        if lines.count > 2 * Self.linesMax { lines.removeFirst(Self.linesMax) }
    }

    /// One line an event, one column a member.
    public var description: String {
        lines.suffix(Self.linesMax).map { line in
            let time = String(line.time)
            let padding = String(repeating: " ", count: max(0, 8 - time.count))
            let column = String(repeating: "                      ", count: max(0, line.member - 1))
            return "\(padding)\(time) ms  \(column)\(line.member == 0 ? "" : "\(line.member) ")\(line.text)"
        }.joined(separator: "\n")
    }
}
