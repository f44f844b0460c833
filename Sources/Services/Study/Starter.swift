import Linux

/// A lab's files as the student first found them.
///
/// Nearly all are the reference with every hole emptied, and are not stored a second time. What is given with the
/// open step's tests can't be derived so: those files lie in `Tests/Starters`, written by `study starters`.
package struct Starter {
    let lab: Lab
    package init(lab: Lab) { self.lab = lab }

    /// The Swift files of the lab.
    package func files() throws -> [String] {
        try Files.list(lab.solution).filter { $0.hasSuffix(".swift") }
    }

    /// - Parameter file: `Rollout.swift`.
    package func text(_ file: String) throws -> String {
        Files.exists(stored(file)) ? try Files.readText(stored(file)) : try derived(file)
    }

    private func derived(_ file: String) throws -> String {
        Self.emptied(try Files.readText("\(lab.solution)/\(file)"))
    }

    private func stored(_ file: String) -> String {
        "\(lab.root)/Tests/Starters/\(lab.folder)/\(file)"
    }

    /// Stores what can't be derived, and nothing else: for those who write labs, in a tree without a student's work.
    /// - Returns: the files that are stored now.
    package func store() throws -> [String] {
        try files().filter { file in
            let there = try Files.readText("\(lab.home)/\(file)")
            if there == (try derived(file)) {
                unlink(stored(file))
                return false
            }
            try Files.makeDirectories("\(lab.root)/Tests/Starters/\(lab.folder)")
            try Files.write(there, to: stored(file))
            return true
        }
    }

    /// Each hole as every starter has it.
    static func emptied(_ reference: String) -> String {
        var result: [Substring] = []
        var inHole = false
        for line in reference.split(separator: "\n", omittingEmptySubsequences: false) {
            let margin = line.prefix { $0 == " " }
            let code = line.dropFirst(margin.count)
            if code.hasPrefix("// step "), code.hasSuffix(" end") { inHole = false }
            if inHole { continue }
            result.append(line)
            if code.hasPrefix("// step "), code.hasSuffix(" begin") {
                let step = code.dropFirst("// step ".count).dropLast(" begin".count)
                result.append("\(margin)throw Unfinished(\"\(step)\")")
                inHole = true
            }
        }
        return result.joined(separator: "\n")
    }
}
