import Contract
import Linux

extension Check {
    /// The open step: the student's tests pass on the reference and catch wrong parts. Half of the wrong parts
    /// is enough to pass; the points go by how many are caught.
    public static func open(_ step: String) -> Check {
        Check(step) { bench in
            guard let reference = bench.options.reference, let folder = bench.options.mutants else {
                throw UsageError("an open step needs --reference and --mutants")
            }
            do {
                try OpenStep.run(testsOf: bench.part, on: PartProgram(path: reference))
            } catch PartFailure.threw(let claim) {
                throw Failed(
                    "the tests pass on the reference", expected: "no complaint", seen: claim,
                    idea: "A test says what must hold for every right part, and no more.")
            }
            let mutants = try Files.list(folder).sorted()
            let alive = try mutants.filter { try survives("\(folder)/\($0)", bench.part) }
            let caught = mutants.count - alive.count
            bench.share = Double(caught) / Double(max(1, mutants.count))
            try require(
                2 * caught >= mutants.count,
                "the tests catch at least half of \(mutants.count) wrong parts",
                seen: "\(caught) caught; not caught, for example: \(alive.first ?? "")",
                idea: "Think of the mistakes you made yourself, and of the table in the contract.")
        }
    }

    private static func survives(_ path: String, _ tests: PartProgram) throws -> Bool {
        do {
            try OpenStep.run(testsOf: tests, on: PartProgram(path: path))
            return true
        } catch PartFailure.threw { return false }
    }
}
