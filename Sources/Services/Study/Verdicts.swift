import Grading
import JSON

/// What a judge says, held against the card: believed only where every line begins with the word that was agreed on,
/// each step that was asked for is judged once, no step earns more than its points, and the last line is the end's.
struct Verdicts {
    let word: [UInt8]
    let card: LabCard
    /// The steps that were asked for; empty for all.
    let wanted: [String]
    private(set) var judged: Set<String> = []
    private var hasEnded = false
    private var breach: String?

    init(word: [UInt8], card: LabCard, wanted: [String]) {
        (self.word, self.card, self.wanted) = (word, card, wanted)
    }

    /// Why none of it counts; nil where all is in order.
    var fault: String? { breach ?? (hasEnded ? nil : "did not come to its end") }

    /// - Parameter line: empty for a sign of life.
    /// - Returns: the verdict in it; nil where there is none to be believed.
    mutating func take(_ line: [UInt8]) -> StepReport? {
        if line.isEmpty || breach != nil { return nil }
        guard line.starts(with: word) else {
            breach = "was not alone in writing its verdicts"
            return nil
        }
        let rest = line.dropFirst(word.count)
        if hasEnded {
            breach = "went on after its end"
        } else if rest.elementsEqual(VerdictStream.end) {
            hasEnded = true
        } else if let report = try? JSON(parsing: Array(rest)).decode(StepReport.self) {
            breach = fault(of: report)
            if breach == nil {
                judged.insert(report.step)
                return report
            }
        } else {
            breach = "said what is no verdict"
        }
        return nil
    }

    private func fault(of report: StepReport) -> String? {
        if card.step(report.step) == nil || !wanted.isEmpty && !wanted.contains(report.step) {
            return "spoke of step \(report.step), which nobody asked about"
        }
        if judged.contains(report.step) { return "judged step \(report.step) twice" }
        let shares = report.verdict == .pass ? 0...1.0 : 0...0
        return shares.contains(report.share)
            ? nil : "gave step \(report.step) points that it doesn't have"
    }
}
