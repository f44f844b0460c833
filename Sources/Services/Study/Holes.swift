/// A lab's file as text with holes: what stands between `// step 10.3 begin` and `// step 10.3 end`.
public struct Holes: Sendable {
    private let lines: [Substring]

    public init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The lines inside each hole of a step, in the order of the file.
    public func contents(of step: String) -> [[Substring]] {
        var found: [[Substring]] = []
        var open: [Substring]?
        for line in lines {
            if isMark(line, "end", step), let hole = open {
                found.append(hole)
                open = nil
            }
            open?.append(line)
            if isMark(line, "begin", step) { open = [] }
        }
        return found
    }

    /// The first line inside each hole of a step that is code, counted from 1.
    public func firstLines(of step: String) -> [Int] {
        lines.indices.filter { isMark(lines[$0], "begin", step) }.compactMap { begin in
            lines[begin...].dropFirst().firstIndex { line in
                let code = line.drop { $0 == " " }
                return !code.isEmpty && !code.hasPrefix("//")
            }.map { $0 + 1 }
        }
    }

    /// Where the hole is to which a verdict leads, as a line counted from 1: the one in the function that was asked last,
    /// else the first that is still as it was, else the first.
    public func place(of step: String, asked question: String?) -> Int? {
        let begins = lines.indices.filter { isMark(lines[$0], "begin", step) }
        let named = begins.first { begin in
            let function = lines[..<begin].last { $0.contains("func ") }
            return question.map { function?.contains("func \($0)(") == true } ?? false
        }
        let unwritten = begins.first { begin in
            lines[begin...].dropFirst().prefix { !isMark($0, "end", step) }.contains {
                $0.contains("throw Unfinished(")
            }
        }
        return (named ?? unwritten ?? begins.first).map { $0 + 1 }
    }

    /// The steps whose holes begin here, in the order of the file.
    public var steps: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 4, words[0] == "//", words[1] == "step", words[3] == "begin" else {
                return nil
            }
            return String(words[2])
        }
    }

    /// This text with the holes of one step filled as they are in another.
    public func replacing(_ step: String, by other: Holes) -> String {
        var fillings = other.contents(of: step)[...]
        var result: [Substring] = []
        var inside = false
        for line in lines {
            if isMark(line, "end", step) { inside = false }
            if !inside { result.append(line) }
            if isMark(line, "begin", step), let filling = fillings.popFirst() {
                result += filling
                inside = true
            }
        }
        return result.joined(separator: "\n")
    }

    private func isMark(_ line: Substring, _ which: String, _ step: String) -> Bool {
        line.drop { $0 == " " } == "// step \(step) \(which)"
    }
}
