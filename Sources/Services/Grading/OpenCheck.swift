import Contract
import Linux

extension Check {
    /// The open step: the student's tests pass on the reference and catch wrong parts. Half of the wrong parts
    /// is enough to pass; the points go by how many are caught.
    ///
    /// The tests' program is started anew for every part that they try, and the reference comes again among the wrong
    /// parts and after them, in an order that nobody knows: tests that complain by count, and not about what they see,
    /// complain about the reference too.
    public static func open(_ step: String) -> Check {
        Check(step) { bench in
            guard let reference = bench.options.reference, let folder = bench.options.mutants else {
                throw UsageError("an open step needs --reference and --mutants")
            }
            if let claim = try complaint(of: bench, about: reference) {
                throw Failed(
                    "the tests pass on the reference", expected: "no complaint", seen: claim,
                    idea: "A test says what must hold for every right part, and no more.")
            }
            let mutants = try Files.list(folder).sorted()
            guard !mutants.isEmpty else {
                throw UsageError("there are no wrong parts in \(folder)")
            }
            var alive: [String] = []
            for subject in subjects(mutants) {
                let path = subject.map { "\(folder)/\($0)" } ?? reference
                let claim = try complaint(of: bench, about: path)
                if let subject {
                    if claim == nil { alive.append(subject) }
                } else if let claim {
                    throw Failed(
                        "the tests pass on the reference each time that they try it",
                        expected: "no complaint, as before", seen: claim,
                        idea:
                            "What a test says depends on the part that it tries, and on nothing else."
                    )
                }
            }
            let caught = mutants.count - alive.count
            bench.share = Double(caught) / Double(mutants.count)
            bench.note =
                "your tests catch \(caught) of \(mutants.count) wrong parts"
                + (alive.min().map { "; one that got through: \($0)" } ?? "")
            try require(
                2 * caught >= mutants.count,
                "the tests catch at least half of \(mutants.count) wrong parts",
                seen: "\(caught) caught; not caught, for example: \(alive.min() ?? "")",
                idea: "Think of the mistakes you made yourself, and of the table in the contract.")
        }
    }

    /// How many wrong parts come on one look at the reference.
    private static let mutantsAReference = 4

    /// Every mutant once, the reference (nil) now and then between them, and once at the end.
    ///
    /// No seed makes the order: whoever knows it could write tests that count, and for honest ones the order changes
    /// nothing, so there is nothing to repeat.
    private static func subjects(_ mutants: [String]) -> [String?] {
        let looks = 1 + mutants.count / mutantsAReference
        return (mutants.map(Optional.some) + Array(repeating: nil, count: looks)).shuffled() + [nil]
    }

    /// What the tests, with nothing remembered, have against a part; nil where they find nothing wrong.
    private static func complaint(of bench: Bench, about path: String) throws -> String? {
        let subject = PartProgram(path: path, confined: true)
        // What can't be asked anything is no wrong part, and catching it no merit.
        do { try subject.prove() } catch { throw UsageError("\(path) is no part: \(error)") }
        bench.part.end()
        bench.begin(withinMilliseconds: Bench.stepMilliseconds)
        do {
            try OpenStep.run(testsOf: bench.part, on: subject)
            return nil
        } catch PartFailure.threw(let claim) { return claim }
    }
}
