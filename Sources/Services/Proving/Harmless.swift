import Linux
import Study

/// The variants of a lab that are as right as the reference, each with the reason, in `Tests/Mutants/NN-Topic/harmless`.
///
/// Four lines for each, and an empty one between them:
///
///     step 17.6 slowed
///     - if wanted > view.current {
///     + if wanted >= view.current {
///     = nothing moves where they are equal, whichever direction is asked
///
/// A variant is known by what it changes and into what, so that an edit elsewhere in the file changes nothing here.
struct Harmless {
    struct Entry: Hashable {
        let step: String
        let function: String
        let before: String
        let after: String
    }
    private(set) var reasons: [Entry: String] = [:]

    init(of lab: Lab) throws {
        let path = "\(lab.mutants)/harmless"
        try self.init(Files.exists(path) ? try Files.readText(path) : "", path)
    }

    init(_ text: String, _ path: String) throws {
        for block in text.split(separator: "\n\n") {
            let lines = block.split(separator: "\n").map(String.init)
            let marks = ["step ", "- ", "+ ", "= "]
            guard lines.count == 4, zip(lines, marks).allSatisfy({ $0.hasPrefix($1) }) else {
                throw StudyError(
                    "\(path): a harmless variant has the lines `step`, `-`, `+` and `=`, not:\n\(block)"
                )
            }
            let words = lines[0].split(separator: " ").map(String.init)
            guard words.count == 3 else {
                throw StudyError("\(path): `\(lines[0])` names no step and function")
            }
            let entry = Entry(
                step: words[1], function: words[2], before: String(lines[1].dropFirst(2)),
                after: String(lines[2].dropFirst(2)))
            reasons[entry] = String(lines[3].dropFirst(2))
        }
    }

    static func entry(_ variant: GeneratedVariant) -> Entry {
        Entry(
            step: variant.step, function: variant.function, before: variant.before,
            after: variant.after.isEmpty ? "nothing" : variant.after)
    }
}
