import Grading
import Linux
import Study

/// What became of a variant that was judged.
enum Fate: Equatable {
    /// A check says what is wrong with it.
    case died(step: String)
    case alive
    /// It was late once, and not when it was tried again: that may have been the machine.
    case late(String)
    /// What this machine can't run can't tell.
    case unknown(String)
    /// The judge broke over it, which is a fault of the kit's.
    case fault(String)

    /// As a line, from the process that judged to the one that counts.
    var line: String {
        switch self {
        case .died(let step): "died \(step)"
        case .alive: "alive"
        case .late(let text): "late \(text)"
        case .unknown(let text): "unknown \(text)"
        case .fault(let text): "fault \(text)"
        }
    }

    init(line: String) {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = words.count > 1 ? words[1] : ""
        switch words.first {
        case "died": self = .died(step: rest)
        case "alive": self = .alive
        case "late": self = .late(rest)
        case "unknown": self = .unknown(rest)
        default: self = .fault(line)
        }
    }
}

extension Proof {
    /// Judges one variant by its own step, and where that passes by the others: whoever wrote it would see those too.
    func fate(
        ofStep step: String, _ lab: Lab, part: String
    ) throws -> Fate {
        let card = try lab.card()
        let others = Self.judgedSteps(card).filter { $0 != step }
        let own = try fate([step], lab, card, part)
        if own != .alive || others.isEmpty { return own }
        let rest = try fate(others, lab, card, part)
        // That its own step passes is known; what can't be run elsewhere takes nothing from that.
        if case .unknown = rest { return .alive }
        return rest
    }

    private func fate(
        _ steps: [String], _ lab: Lab, _ card: LabCard, _ part: String
    ) throws -> Fate {
        let fate = Self.fate(of: try reports(steps, lab, card, part))
        guard case .late = fate else { return fate }
        // A machine under load is late too, and then not again at the same place.
        let again = Self.fate(of: try reports(steps, lab, card, part))
        if case .late = again { return .died(step: steps[0]) }
        return again == .alive ? fate : again
    }

    private func reports(
        _ steps: [String], _ lab: Lab, _ card: LabCard, _ part: String
    ) throws -> [StepReport] {
        var wish = Checker.Wish()
        wish.steps = steps
        wish.passed = card.steps.map(\.number).filter { !steps.contains($0) }
        var reports: [StepReport] = []
        try Checker(kit).check(lab, part: part, wish) { reports.append($0) }
        return reports
    }

    /// The steps whose checks look at what the holes do.
    static func judgedSteps(_ card: LabCard) -> [String] {
        card.steps.filter {
            $0.file != nil && ($0.kind == .simulated || $0.kind == .kernel)
        }.map(\.number)
    }

    /// The worst that any step says decides.
    static func fate(of reports: [StepReport]) -> Fate {
        if let broken = reports.first(where: { $0.verdict == .error }) {
            return .fault("\(broken.step): \(oneLine(broken.message))")
        }
        let failed = reports.filter { $0.verdict == .fail || $0.verdict == .unstable }
        if let told = failed.first(where: { !isLate($0) }) { return .died(step: told.step) }
        if let late = failed.first { return .late("\(late.step): \(oneLine(late.message))") }
        // What does nothing in a hole may be taken for an empty one. It passes as little.
        if let empty = reports.first(where: { $0.verdict == .todo || $0.verdict == .skip }) {
            return .died(step: empty.step)
        }
        if let lack = reports.first(where: { $0.verdict == .environment }) {
            return .unknown("\(lack.step): \(oneLine(lack.message))")
        }
        return reports.isEmpty ? .fault("no verdict") : .alive
    }

    private static func isLate(_ report: StepReport) -> Bool {
        report.message.hasPrefix("no answer to ")
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
