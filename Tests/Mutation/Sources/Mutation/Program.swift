import SwiftOperators
import SwiftParser
import SwiftSyntax

/// A lab's reference with all its variants in one program: each function with a hole has its whole body once more for
/// every mistake in it, as a function inside it, behind a switch.
///
///     switch chosenVariant {
///     case 12:
///     #sourceLocation(file: "variant-12", line: 1)
///     func variant() throws -> Int {
///         …
///     }
///     #sourceLocation()
///     return try variant()
///     default: …
///     }
///
/// So the compiler's complaints name the variant that they are about, and one look at all finds all that don't compile.
public struct Program {
    public struct File {
        public let name: String
        public let text: String
        public init(name: String, text: String) { (self.name, self.text) = (name, text) }
    }
    public let variants: [Variant]
    private let files: [Planned]

    private struct Planned {
        let file: File
        let bodies: [Body]
        /// By the variant's number.
        let edits: [(number: Int, edit: Edit)]
    }

    /// - Parameters:
    ///   - steps: the steps whose holes are changed.
    ///   - contract: the texts of the files with the types that the holes speak of.
    public init(_ files: [File], steps: Set<String>, contract: [String]) {
        let fields = Fields((contract + files.map(\.text)).map { Parser.parse(source: $0) })
        var variants: [Variant] = []
        self.files = files.map { file in
            let found = Self.edits(in: file, steps, fields)
            let edits = found.edits.map { step, function, edit in
                let number = variants.count + 1
                variants.append(Self.variant(number, step, function, edit, file))
                return (number, edit)
            }
            return Planned(file: file, bodies: found.bodies, edits: edits)
        }
        self.variants = variants
    }

    private static func edits(in file: File, _ steps: Set<String>, _ fields: Fields)
        -> (bodies: [Body], edits: [(String, String, Edit)])
    {
        let parsed = Parser.parse(source: file.text)
        // Operators that the table doesn't know stay as they are.
        let folded = OperatorTable.standardOperators.foldAll(parsed) { _ in }
        let mistakes = Mistakes(fields)
        mistakes.walk(folded)
        let holes = Holes(file.text, steps: steps)
        let bodies = Body.all(in: parsed)
        let edits = mistakes.edits.compactMap { edit -> (String, String, Edit)? in
            guard let step = holes.step(at: edit.range),
                let body = bodies.first(where: { $0.range.contains(edit.range.lowerBound) })
            else { return nil }
            return (step, body.name, edit)
        }
        func place(_ edit: Edit) -> (Int, Int, String) {
            (edit.range.lowerBound, edit.range.upperBound, edit.text)
        }
        return (bodies, edits.sorted { place($0.2) < place($1.2) })
    }

    private static func variant(
        _ number: Int, _ step: String, _ function: String, _ edit: Edit, _ file: File
    ) -> Variant {
        let bytes = Bytes(file.text)
        let lines = bytes.lines(around: edit.range)
        return Variant(
            number: number, step: step, file: file.name,
            line: bytes.line(at: edit.range.lowerBound), function: function, kind: edit.kind,
            before: oneLine(bytes.text(lines)), after: oneLine(bytes.text(lines, after: edit)))
    }

    /// The files of the program.
    /// - Parameter without: the numbers of the variants to leave out.
    public func written(without: Set<Int>) -> [File] {
        files.map { File(name: $0.file.name, text: Self.text($0, without)) }
            + [File(name: "ChosenVariant.swift", text: Self.choice)]
    }

    /// A part is started with nothing but its path. So a variant is a link to the program, with the number behind it.
    private static let choice = """
        /// `12` where the program was started as `part-17.12`; 0, the reference, by any other name.
        let chosenVariant = Int(CommandLine.arguments[0].split(separator: ".").last ?? "") ?? 0

        """

    private static func text(_ planned: Planned, _ without: Set<Int>) -> String {
        let bytes = Bytes(planned.file.text)
        var (text, end) = ("", 0)
        for body in planned.bodies {
            let edits = planned.edits.filter {
                body.range.contains($0.edit.range.lowerBound) && !without.contains($0.number)
            }
            if edits.isEmpty { continue }
            text += bytes.text(end..<body.range.lowerBound) + "\nswitch chosenVariant {\n"
            for (number, edit) in edits {
                text += "case \(number):\n"
                text += function(of: body, bytes.text(body.range, after: edit), "variant-\(number)")
            }
            text += "default:\n" + function(of: body, bytes.text(body.range), "reference") + "}\n"
            end = body.range.upperBound
        }
        return text + bytes.text(end..<bytes.all.count)
    }

    private static func function(of body: Body, _ text: String, _ name: String) -> String {
        """
        #sourceLocation(file: "\(name)", line: 1)
        func variant() \(body.result) {\(text)}
        #sourceLocation()
        return \(body.canThrow ? "try " : "")variant()

        """
    }
}
