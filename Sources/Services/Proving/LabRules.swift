import Grading
import Linux
import Study

/// What can be read off a lab's files: the card and the holes agree, the starter is the reference with its holes
/// emptied, and there is enough of everything.
struct LabRules {
    let lab: Lab
    let card: LabCard

    /// One line a rule: `  holds   …` or `  BROKEN  …`.
    func lines() throws -> [String] {
        func line(_ faults: [String], _ fine: String) -> String {
            faults.isEmpty ? "  holds   \(fine)" : "  BROKEN  " + faults.joined(separator: "; ")
        }
        return [
            line(
                card.points == 100 ? [] : ["the points add up to \(card.points), not 100"],
                "the points add up to 100"),
            line(hintFaults(), "every step has four hints"),
            line(needFaults(), "every step needs only earlier ones"),
            line(try holeFaults(), "the card and the holes agree"),
            line(
                try holeSizeFaults(), "every step takes 5 to 25 lines, but for those that are known"
            ),
            line(try fileFaults(), "nothing lies about, and no file is longer than 120 lines"),
            line(try starterFaults(), "the starter is the reference with its holes emptied"),
            line(
                try mutantFaults(),
                "there are at least \(mutantsLeast) mutants, each for a step that exists"),
        ]
    }

    private var mutantsLeast: Int { 5 }

    private func hintFaults() -> [String] {
        card.steps.filter {
            $0.kind != .essay && ($0.hints.count != 4 || $0.hints.contains { $0.isEmpty })
        }
        .map { "step \($0.number) has \($0.hints.filter { !$0.isEmpty }.count) hints" }
    }

    private func needFaults() -> [String] {
        var before: Set<String> = []
        var faults: [String] = []
        for step in card.steps {
            for need in step.needs where !before.contains(need) {
                faults.append("step \(step.number) needs \(need), which does not come before it")
            }
            before.insert(step.number)
        }
        return faults
    }

    private func holeFaults() throws -> [String] {
        var faults: [String] = []
        var holes: [String: Set<String>] = [:]
        for file in try Files.list(lab.home).filter({ $0.hasSuffix(".swift") }) {
            for step in Holes(try Files.readText("\(lab.home)/\(file)")).steps {
                holes[step, default: []].insert(file)
            }
        }
        for step in card.steps {
            if let file = step.file, file.hasSuffix(".swift"),
                holes[step.number]?.contains(file) != true
            {
                faults.append("step \(step.number) has no hole in \(file)")
            }
        }
        for (step, files) in holes.sorted(by: { $0.key < $1.key })
        where card.step(step)?.file == nil {
            faults.append(
                "the hole \(step) in \(files.sorted().joined(separator: ", ")) belongs to no step of the card"
            )
        }
        return faults
    }

    private func starterFaults() throws -> [String] {
        let starter = Starter(lab: lab)
        return try starter.files().compactMap { file in
            let expected = try starter.text(file).split(
                separator: "\n", omittingEmptySubsequences: false)
            let there = try Files.readText("\(lab.home)/\(file)").split(
                separator: "\n", omittingEmptySubsequences: false)
            guard expected != there else { return nil }
            let at =
                zip(expected, there).enumerated().first { $1.0 != $1.1 }?.offset
                ?? min(expected.count, there.count)
            return
                "Labs/\(lab.folder)/\(file):\(at + 1) is neither Solutions' with the holes emptied nor what `Labs/lab starters \(lab.number)` stored"
        }
    }

    private func mutantFaults() throws -> [String] {
        let mutants = try Variants(Kit(root: lab.root)).mutants(of: lab)
        return (mutants.count < mutantsLeast ? ["only \(mutants.count) mutants"] : [])
            + mutants.filter { card.step($0.step) == nil }.map {
                "mutant \($0.name) names step \($0.step), which there is not"
            }
            + mutants.filter { !$0.message.contains { $0.isLetter } }.map {
                "mutant \($0.name) does not say with which words it dies"
            }
    }
}
