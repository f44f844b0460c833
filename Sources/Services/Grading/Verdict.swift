/// What a check says of one step.
public enum Verdict: String, Codable, Hashable, Sendable, CaseIterable {
    /// The property holds.
    case pass
    /// It does not; a crash, a hang and code that doesn't compile are fails too.
    case fail
    /// The hole is as it was.
    case todo
    /// A step that it needs has not passed, so nothing can be said.
    case skip
    /// This machine can't run it. Found out before student code runs; never counted against the student.
    case environment
    /// Two runs under one seed disagreed.
    case unstable
    /// The kit's own fault.
    case error
}

/// One step's verdict, and all that is known about it. This is a line of a check's output, and an element
/// of `steps` in a report (Docs/Report.md).
public struct StepReport: Codable, Hashable, Sendable {
    /// `10.3`
    public var step: String
    public var verdict: Verdict
    /// The claim that does not hold, or why nothing can be said. Empty for a pass, except for what this machine
    /// could not try of it.
    public var message = ""
    public var expected: String?
    public var seen: String?
    /// The idea to go back to.
    public var idea: String?
    /// The part of the step's points that this verdict earns, 0 to 1. Only open steps know parts.
    public var share: Double
    /// Of a pass, what is worth knowing all the same: how many wrong parts an open step's tests caught, and one that
    /// they didn't.
    public var note: String?
    /// The smallest run that still fails, where the step is a simulated one.
    public var seed: Int?
    public var size: Int?
    public var timeline: Timeline?
    /// What the part was asked last before the step failed: where a step has several holes, it tells which.
    public var question: String?
    /// The last lines that the part printed, where the step failed.
    public var printed: String?
    /// Files with the conversations, where two runs disagreed.
    public var logs: [String]?
    public var milliseconds = 0

    public init(_ step: String, _ verdict: Verdict, _ message: String = "") {
        (self.step, self.verdict, self.message) = (step, verdict, message)
        share = verdict == .pass ? 1 : 0
    }

    /// Whether another run said the same: times aside.
    func agrees(with other: StepReport) -> Bool {
        verdict == other.verdict && message == other.message && seen == other.seen
    }
}
