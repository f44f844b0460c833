import Grading
import Linux
import Study

/// How much a lab asks for, and what lies in its folders.
extension LabRules {
    private static let linesOfAStep = 5...25
    private static let linesOfAFileMax = 120

    /// Steps whose holes are of another size, each for a reason. Open steps take what the tests take.
    private static let otherSizes: [String: String] = [
        "01.6": "two system calls; that the other flags stay is the point",
        "01.7": "a write for each hierarchy and one unshare; their order is the point",
        "03.8": "nothing but what each of ten containers gets of its own",
        "06.6": "one comparison with two cases, the paper's sentence",
        "06.9": "one condition; that an old snapshot changes nothing is the point",
        "06.10": "one condition; what must have come in before a read is the point",
        "09.2": "one line, a rest after the first step",
        "14.5": "one condition out of three; who must be masqueraded is the point",
        "17.2": "one line, a rest after the first step",
        "17.4": "the highest of some numbers, and when none is said",
        "19.2": "an answer: component, cause and command", "19.3": "an answer, as before",
        "19.4": "an answer, as before",
    ]

    func holeSizeFaults() throws -> [String] {
        var sizes: [String: Int] = [:]
        for file in try Starter(lab: lab).files() {
            let holes = Holes(try Files.readText("\(lab.solution)/\(file)"))
            for step in Set(holes.steps) {
                sizes[step, default: 0] += holes.contents(of: step).joined().count
            }
        }
        return card.steps.compactMap { step in
            guard let size = sizes[step.number], step.kind != .open else { return nil }
            let isUsual = Self.linesOfAStep.contains(size)
            if Self.otherSizes[step.number] != nil {
                return isUsual ? "step \(step.number) is no exception any more: \(size) lines" : nil
            }
            return isUsual ? nil : "step \(step.number) takes \(size) lines"
        }
    }

    /// The handout, the card, Swift files that both homes have, and what the manifest lists beside them.
    func fileFaults() throws -> [String] {
        let swift = Set(try Starter(lab: lab).files())
        let beside = Set(try Self.lyingBeside(lab)).union(["README.md", "lab.json"])
        var faults = try Files.list(lab.home).filter { !swift.contains($0) && !beside.contains($0) }
            .map { "Labs/\(lab.folder)/\($0) is nothing of the lab's" }
        faults += try Files.list(lab.solution).filter { !swift.contains($0) }
            .map { "Solutions/\(lab.folder)/\($0) is nothing of the lab's" }
        for path in swift.sorted().flatMap({ ["\(lab.home)/\($0)", "\(lab.solution)/\($0)"] })
        where Files.exists(path) {
            let lines = try Files.readText(path).split(
                separator: "\n", omittingEmptySubsequences: false)
            if lines.count - 1 > Self.linesOfAFileMax {
                faults.append("\(path.dropFirst(lab.root.count + 1)) has \(lines.count - 1) lines")
            }
        }
        return faults
    }

    /// What Package.swift lists under the lab's number: `let lyingBeside = ["06": ["three.sh"], …]`.
    private static func lyingBeside(_ lab: Lab) throws -> [String] {
        let manifest = (try? Files.readText("\(lab.root)/Package.swift")) ?? ""
        let line = manifest.split(separator: "\n").first { $0.hasPrefix("let lyingBeside") } ?? ""
        let entries = line.split(separator: "]").filter { $0.contains("\"\(lab.number)\": [") }
        return entries.flatMap { entry in
            entry.split(separator: "\"").filter { $0.contains(".") }.map(String.init)
        }
    }
}
