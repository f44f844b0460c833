/// The words after a command: options with their values, and what is none.
package struct Arguments {
    package private(set) var words: [String] = []
    private var values: [String: String] = [:]
    private var flags: Set<String> = []
    /// What follows `--`, or for `try` all that follows the lab.
    private(set) var rest: [String] = []

    /// - Parameters:
    ///   - options: names that take a value: `--seed`.
    ///   - flags: names that take none.
    /// - Throws: `StudyError`, which names what can't be understood.
    package init(_ all: [String], options: [String] = [], flags known: [String] = []) throws {
        var left = all[...]
        while let word = left.popFirst() {
            if word == "--" {
                rest = Array(left)
                return
            }
            guard word.hasPrefix("-"), word != "-" else {
                words.append(word)
                continue
            }
            let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
            if options.contains(pair[0]) {
                guard let value = pair.count > 1 ? pair[1] : left.popFirst() else {
                    throw StudyError("\(word) needs a value")
                }
                values[pair[0]] = value
            } else if known.contains(word) {
                flags.insert(word)
            } else {
                let all = (options + known).sorted().joined(separator: " ")
                throw StudyError(
                    "no option \(word) here" + (all.isEmpty ? "" : "; there are: \(all)"))
            }
        }
    }

    package func has(_ flag: String) -> Bool { flags.contains(flag) }
    subscript(_ option: String) -> String? { values[option] }

    /// - Throws: `StudyError` where the value is no number from `least` on.
    package func number(_ option: String, from least: Int = 0) throws -> Int? {
        guard let text = values[option] else { return nil }
        guard let number = Int(text), number >= least else {
            throw StudyError("\(option) takes a number from \(least) on, not \"\(text)\"")
        }
        return number
    }
}
