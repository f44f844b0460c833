import JSON
import Linux
import Study

/// A lab's reference with one mistake in one of its holes. The program `mutate` thinks of them (Tests/Mutation).
struct GeneratedVariant: Codable, Sendable {
    let number: Int
    let step: String
    let file: String
    let line: Int
    let function: String
    let kind: String
    /// The lines that the mistake changes, as one, and what became of them; empty where nothing is left.
    let before: String
    let after: String

    var place: String { "\(step) \(file):\(line) \(function), \(kind)" }
}

/// Makes one program of all variants of a lab that compile, with a switch.
struct Mutator {
    let kit: Kit

    /// The program, and what is in it.
    struct Made {
        /// What is started as `PROGRAM.12` is variant 12.
        let program: String
        let variants: [GeneratedVariant]
        /// How many more were thought of, and don't compile.
        let uncompiled: Int
    }

    /// A lab's program is some thousand lines; it takes ten to forty seconds of the processor's time.
    private static let compilerSecondsMax = 300
    /// The type checker, the flow analysis and the code generator each complain only when the one before is content.
    private static let roundsMax = 8

    /// - Parameters:
    ///   - steps: the steps whose holes are changed.
    ///   - sample: which variants to make; all without it.
    func make(_ lab: Lab, steps: [String], sample: ([GeneratedVariant]) -> [GeneratedVariant])
        throws -> Made
    {
        let mutate = try program()
        let home = "\(kit.scratch)/variants/\(lab.number)/generated"
        try? Files.removeTree(home)
        try Files.makeDirectories(home)
        func write(without: Set<Int>) throws -> [GeneratedVariant] {
            let result = try capture(
                mutate,
                [
                    mutate, lab.solution, "\(kit.root)/Sources/Contracts/\(lab.folder)", home,
                    steps.joined(separator: ","),
                    without.sorted().map(String.init).joined(separator: ","),
                ])
            guard result.ending.succeeded else {
                throw StudyError("mutate: " + String(decoding: result.errors, as: UTF8.self))
            }
            return try JSON(parsing: result.output).decode([GeneratedVariant].self)
        }
        let all = try write(without: [])
        let chosen = sample(all)
        let unwanted = Set(all.map(\.number)).subtracting(chosen.map(\.number))
        let part = "\(home)/part-\(lab.number)"
        var bad: Set<Int> = []
        for _ in 1...Self.roundsMax {
            _ = try write(without: unwanted.union(bad))
            do {
                try PartBuilder(kit).build(
                    lab, generated: home, to: part, secondsMax: Self.compilerSecondsMax)
                let good = chosen.filter { !bad.contains($0.number) }
                return Made(program: part, variants: good, uncompiled: bad.count)
            } catch let errors as CompilerErrors {
                let found = Self.numbers(in: errors)
                if found.isEmpty { throw errors }
                bad.formUnion(found)
            }
        }
        throw StudyError("after \(Self.roundsMax) rounds some variants still don't compile")
    }

    /// The variants that the compiler complains about: to it each stands in a file of its own, `variant-12`.
    static func numbers(in errors: CompilerErrors) -> Set<Int> {
        Set(
            errors.complaints.compactMap { complaint in
                complaint.file.hasPrefix("variant-")
                    ? Int(complaint.file.dropFirst("variant-".count)) : nil
            })
    }

    /// Builds `mutate` where that has changed. Students have none: it takes Swift's own parser.
    private func program() throws -> String {
        let scratch = "\(kit.scratch)/mutation"
        let program = "\(scratch)/debug/mutate"
        if environmentVariable("DRYDOCK_BUILD") == "no", Files.exists(program) { return program }
        let result = try capture(
            "swift",
            [
                "swift", "build", "--package-path", "\(kit.root)/Tests/Mutation", "--scratch-path",
                scratch, "--product", "mutate",
            ])
        guard result.ending.succeeded else {
            throw StudyError(
                "the generator of variants does not build:\n"
                    + String(decoding: result.output + result.errors, as: UTF8.self))
        }
        return program
    }
}
