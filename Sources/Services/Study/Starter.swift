import Grading
import Linux

/// A lab's files as the student first found them.
///
/// They are not stored a second time: a starter is the reference with every hole emptied, which the kit's tests
/// hold against what stands in Labs.
struct Starter {
    let lab: Lab

    /// - Parameter file: `Rollout.swift`.
    func text(_ file: String) throws -> String {
        let open = try Set(lab.card().steps.filter { $0.kind == .open }.compactMap(\.file))
        let reference = try Files.readText("\(lab.solution)/\(file)")
        return Self.emptied(reference, dropsPrivate: open.contains(file))
    }

    /// - Parameter dropsPrivate: whether private members go too: in a file of tests they are what the reference's
    ///   tests are made of.
    static func emptied(_ reference: String, dropsPrivate: Bool) -> String {
        var result: [Substring] = []
        var (inHole, inPrivate) = (false, false)
        for line in reference.split(separator: "\n", omittingEmptySubsequences: false) {
            let margin = line.prefix { $0 == " " }
            let code = line.dropFirst(margin.count)
            if inPrivate {
                if margin.count <= 4,
                    code.hasPrefix("}") || code.hasPrefix("]") || code.hasPrefix(")")
                {
                    inPrivate = false
                }
                continue
            }
            if code.hasPrefix("// step "), code.hasSuffix(" end") { inHole = false }
            if inHole { continue }
            if dropsPrivate, margin.count <= 4, code.hasPrefix("private ") {
                // Its comment and the empty line before it go with it.
                while let last = result.last, last.drop(while: { $0 == " " }).hasPrefix("///") {
                    result.removeLast()
                }
                if result.last?.isEmpty == true { result.removeLast() }
                inPrivate = code.hasSuffix("{") || code.hasSuffix("[") || code.hasSuffix("(")
                continue
            }
            result.append(line)
            if code.hasPrefix("// step "), code.hasSuffix(" begin") {
                let step = code.dropFirst("// step ".count).dropLast(" begin".count)
                result.append("\(margin)throw Unfinished(\"\(step)\")")
                inHole = true
            }
        }
        return result.joined(separator: "\n")
    }

    /// The Swift files of the lab.
    func files() throws -> [String] {
        try Files.list(lab.solution).filter { $0.hasSuffix(".swift") }
    }
}
