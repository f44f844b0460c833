/// Where the holes of a file are, in bytes: between `// step 17.3 begin` and `// step 17.3 end`.
struct Holes {
    private var found: [(step: String, range: Range<Int>)] = []

    /// - Parameter steps: the steps whose holes count.
    init(_ text: String, steps: Set<String>) {
        var offset = 0
        var open: (step: String, start: Int)?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(separator: " ")
            let end = offset + line.utf8.count
            if words.count == 4, words[0] == "//", words[1] == "step" {
                if words[3] == "begin" { open = (String(words[2]), end) }
                if words[3] == "end", let hole = open {
                    if steps.contains(hole.step) { found.append((hole.step, hole.start..<offset)) }
                    open = nil
                }
            }
            offset = end + 1
        }
    }

    /// The step in whose hole all of a range is; nil where it is in none.
    func step(at range: Range<Int>) -> String? {
        found.first {
            $0.range.lowerBound <= range.lowerBound && range.upperBound <= $0.range.upperBound
        }?.step
    }
}
