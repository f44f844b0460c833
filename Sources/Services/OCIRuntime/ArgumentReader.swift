import Contract

/// A command line, taken apart from left to right: options first, then the rest.
///
/// Its own, since the library for it brings Foundation, and this program starts once per container.
struct ArgumentReader {
    private(set) var rest: ArraySlice<String>

    init(_ arguments: some Collection<String>) { rest = ArraySlice(Array(arguments)) }

    /// Takes options up to the first word that is none, or `--`.
    /// - Parameters:
    ///   - flags: options without a value, and what to do at one.
    ///   - values: options with a value, as the next word or after `=`.
    mutating func options(
        flags: [String: () -> Void], values: [String: (String) throws -> Void]
    ) throws {
        while let word = rest.first, word.startsWithBytes(of: "-"), word.utf8.count > 1 {
            rest = rest.dropFirst()
            if word == "--" { return }
            let pieces = word.utf8.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false
            ).map { Substring($0) }
            // One dash does as well as two, as for runc.
            var name = String(pieces[0])
            if !name.startsWithBytes(of: "--"), name.utf8.count > 2 { name = "-" + name }
            if let act = flags[name] {
                if pieces.count == 1 || pieces[1] == "true" { act() }
            } else if let take = values[name] {
                guard let value = pieces.count == 2 ? String(pieces[1]) : rest.first else {
                    throw UsageError("\(word) needs a value")
                }
                if pieces.count == 1 { rest = rest.dropFirst() }
                try take(value)
            } else {
                throw UsageError("unknown option \(word)")
            }
        }
    }

    /// The next word.
    mutating func word(_ what: String) throws -> String {
        guard let word = rest.popFirst() else { throw UsageError("\(what) is missing") }
        return word
    }

    func end() throws {
        if let extra = rest.first { throw UsageError("\"\(extra)\" is one word too many") }
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = "\(description); see --help" }
}
