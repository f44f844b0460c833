import Linux
import Study

/// The command blocks of a handout, fenced as ```` ```console ````: lines that begin with `$ ` are commands, those below
/// are what they print. `…` stands for anything within a line, a line `…` for any number of lines.
struct Handout {
    struct Command: Equatable {
        /// The line of the handout, from 1.
        var line: Int
        /// May have several lines.
        var text: String
        var expected: [String]
    }
    /// What a block can't be run without.
    enum Need: String {
        /// A running cluster.
        case cluster
        /// Version 1 of cgroups: its freezer.
        case cgroup1
        /// Version 2 of cgroups, with the memory controller.
        case cgroup2
    }
    struct Block: Equatable {
        /// What the block is fenced with, behind `console`.
        var needs: Need?
        var commands: [Command] = []
        var needsCluster: Bool { needs == .cluster }
    }
    var blocks: [Block] = []

    init(_ text: String) {
        var block: Block?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let fence = line.drop { $0 == " " }
            if let open = block {
                if fence.hasPrefix("```") {
                    blocks.append(open)
                    block = nil
                } else {
                    block?.commands = Self.adding(String(line), at: index + 1, to: open.commands)
                }
            } else {
                block = Self.opened(by: fence)
            }
        }
    }

    /// - Returns: nil where the line opens no block of commands.
    private static func opened(by fence: Substring) -> Block? {
        if fence == "```console" { return Block() }
        guard fence.hasPrefix("```console "), let need = Need(rawValue: String(fence.dropFirst(11)))
        else { return nil }
        return Block(needs: need)
    }

    /// A line of a block: a command, the rest of one (after a backslash, or behind the shell's `> `), or output.
    private static func adding(_ line: String, at number: Int, to commands: [Command]) -> [Command]
    {
        var commands = commands
        if line.hasPrefix("$ ") || line.hasPrefix("# ") && commands.isEmpty {
            let text = line.hasPrefix("$ ") ? String(line.dropFirst(2)) : line
            return commands + [Command(line: number, text: text, expected: [])]
        }
        guard let last = commands.indices.last else { return commands }
        let isFresh = commands[last].expected.isEmpty
        if isFresh, commands[last].text.hasSuffix("\\") {
            commands[last].text += "\n" + line
        } else if isFresh, line.hasPrefix("> ") || line == ">" {
            commands[last].text += "\n" + line.dropFirst(2)
        } else {
            commands[last].expected.append(line)
        }
        return commands
    }

    /// Whether what was printed is what the handout says.
    static func matches(_ seen: [String], _ expected: [String]) -> Bool {
        let (seen, expected) = (trimmed(seen), trimmed(expected))
        return matches(seen[...], expected[...]) { line, pattern in
            pattern == "…" ? nil : matchesLine(line, pattern)
        }
    }

    private static func matchesLine(_ line: String, _ pattern: String) -> Bool {
        matches(Array(line)[...], Array(pattern)[...]) { $1 == "…" ? nil : $0 == $1 }
    }

    /// Glob matching. `fits` answers nil where the pattern's element stands for any number of elements.
    private static func matches<Element>(
        _ seen: ArraySlice<Element>, _ pattern: ArraySlice<Element>,
        _ fits: (Element, Element) -> Bool?
    ) -> Bool {
        var (seenAt, patternAt) = (seen.startIndex, pattern.startIndex)
        // Where to go on when the latest wildcard has to take one element more.
        var retry: (seen: Int, pattern: Int)?
        while seenAt < seen.endIndex {
            if patternAt < pattern.endIndex {
                switch fits(seen[seenAt], pattern[patternAt]) {
                case nil:
                    retry = (seenAt, patternAt)
                    patternAt += 1
                    continue
                case true?:
                    (seenAt, patternAt) = (seenAt + 1, patternAt + 1)
                    continue
                case false?: break
                }
            }
            guard let again = retry else { return false }
            retry = (again.seen + 1, again.pattern)
            (seenAt, patternAt) = (again.seen + 1, again.pattern + 1)
        }
        // Only wildcards may be left. One that fits nothing at all is asked about itself.
        return pattern[patternAt...].allSatisfy { fits($0, $0) == nil }
    }

    /// Without spaces at the ends of lines and empty lines at either end.
    private static func trimmed(_ lines: [String]) -> [String] {
        var lines = lines.map { line -> String in
            var line = line
            while let last = line.last, last == " " || last == "\t" || last == "\r" {
                line.removeLast()
            }
            return line
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        while lines.first?.isEmpty == true { lines.removeFirst() }
        return lines
    }
}
