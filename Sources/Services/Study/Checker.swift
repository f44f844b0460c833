import Grading
import JSON
import Linux

/// Has a lab's judge look at a part's program.
public struct Checker: Sendable {
    let kit: Kit

    public init(_ kit: Kit) { self.kit = kit }

    /// What to ask the judge.
    public struct Wish: Sendable {
        /// Empty for all.
        public var steps: [String] = []
        public var seed: Int?
        public var seedCount: Int?
        public var size: Int?
        /// The kubeconfig of a running cluster.
        public var live: String?
        /// The reference's program and the folder of known wrong parts: for the open step.
        public var reference: String?
        public var mutants: String?
        public var logs: String?
        public init() {}
    }

    /// - Parameter report: called with each step's verdict as it comes.
    /// - Throws: `StudyError` where the judge itself fails.
    public func check(
        _ lab: Lab, part: String, _ wish: Wish, _ report: (StepReport) -> Void
    ) throws {
        var arguments = ["check-\(lab.number)", "--part", part, "--lab", lab.home]
        func option(_ name: String, _ value: String?) {
            if let value { arguments += [name, value] }
        }
        option("--steps", wish.steps.isEmpty ? nil : wish.steps.joined(separator: ","))
        option("--seed", wish.seed.map(String.init))
        option("--seeds", wish.seedCount.map(String.init))
        option("--size", wish.size.map(String.init))
        option("--live", wish.live)
        option("--reference", wish.reference)
        option("--mutants", wish.mutants)
        option("--logs", wish.logs)
        let output = try Pipe()
        let child = try Child.spawn(
            "\(kit.built)/check-\(lab.number)", arguments,
            descriptors: [1: output.write.raw, 2: 2], newSession: false)
        let input = output.intoRead()
        try readLines(from: input.raw) { line in
            if let report_ = try? JSON(parsing: line).decode(StepReport.self) { report(report_) }
        }
        let ending = try child.wait()
        guard ending.succeeded else {
            throw StudyError("the judge of lab \(lab.number) \(ending): that is the kit's fault")
        }
    }

    private func readLines(from descriptor: Int32, _ take: ([UInt8]) -> Void) throws {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let got = read(descriptor, &buffer, buffer.count)
            if got < 0, Errno.current == .interrupted { continue }
            guard got > 0 else { return }
            pending += buffer[..<got]
            while let newline = pending.firstIndex(of: UInt8(ascii: "\n")) {
                take(Array(pending[..<newline]))
                pending.removeSubrange(...newline)
            }
        }
    }
}
