import Contract
import Linux
import Testing

@testable import Grading

/// A lab of a few steps about doubling, and the program `hostile` as its part, in a folder of its own.
final class SmallLab {
    static let double = Question<Int, Int>("double")
    let folder: String
    /// Called by the judge to show that it is at work.
    private(set) var signs = 0

    /// How root becomes somebody else; nothing for who is somebody else already.
    static let asOrdinaryUser =
        geteuid() == 0 ? ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"] : []
    static let ordinaryUserHasNamespaces: Bool = {
        let words = asOrdinaryUser + ["unshare", "-Urp", "--fork", "true"]
        return (try? capture(words[0], words))?.ending.succeeded == true
    }()

    init() throws { folder = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-grading-") }

    deinit { try? Files.removeTree(folder) }

    /// The program under the name that says how it misbehaves.
    func program(_ way: String, in place: String = "") throws -> String {
        let link = "\(folder)\(place)/hostile-\(way)"
        unlink(link)
        try Linux.check("link \(link)") { symlink(builtProgram("hostile"), link) }
        return link
    }

    /// A folder with these wrong parts.
    func mutants(_ ways: [String]) throws -> String {
        try Files.makeDirectories("\(folder)/mutants")
        for way in ways { _ = try program(way, in: "/mutants") }
        return "\(folder)/mutants"
    }

    /// - Parameters:
    ///   - needs: of the steps 99.1, 99.2 …, in this order.
    ///   - more: further options of the judge's call.
    func judge(
        _ way: String, needs: [[String]], _ checks: [Check], _ more: [String] = []
    ) throws -> [StepReport] {
        let steps = needs.enumerated().map { index, needs in
            LabCard.Step(
                number: "99.\(index + 1)", title: "t", points: 10, needs: needs, kind: .simulated,
                file: nil, hints: [])
        }
        let card = LabCard(
            number: "99", title: "Small", summary: "s", minutes: 1, weight: 1, steps: steps)
        let options = try CheckOptions(
            ["--part", try program(way), "--lab", folder, "--logs", folder] + more)
        var judge = Judge(card: card, checks: checks, options: options) { [self] in signs += 1 }
        var reports: [StepReport] = []
        judge.run { reports.append($0) }
        return reports
    }

    /// The same for a lab of one step.
    func judge(_ way: String, _ check: Check, _ more: [String] = []) throws -> StepReport {
        try #require(try judge(way, needs: [[]], [check], more).first)
    }
}

/// Passes where the part doubles this number.
func doubles(_ step: String, _ number: Int, requires: [Requirement] = []) -> Check {
    Check(step, requires: requires) { bench in
        try expect(
            try bench.part.ask(SmallLab.double, number), is: 2 * number, "\(number) is doubled",
            idea: "Twice.")
    }
}

/// A program that the package's build made, beside the test's own.
private func builtProgram(_ name: String) -> String {
    let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }
    let directories = bundles.map { $0.split(separator: "/").dropLast().joined(separator: "/") }
    return directories.map { "/\($0)/\(name)" }.first { Files.exists($0) } ?? name
}
