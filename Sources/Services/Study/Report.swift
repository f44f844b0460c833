import Grading
import JSON
import Linux

/// What one check found, for people and machines. As JSON its schema is `drydock.report/1` (Docs/Report.md).
public struct Report {
    public static let schema = "drydock.report/1"

    public let card: LabCard
    public let folder: String
    /// `mine` or `reference`.
    public let part: String
    public let date = Moment.now()
    public let isLive: Bool
    /// Which kit judged.
    let kit: String
    public var complaints: [Complaint] = []
    /// In the order of the lab.
    public var steps: [StepReport] = []
    public var milliseconds = 0

    init(card: LabCard, folder: String, part: String, isLive: Bool, kit: String = "") {
        (self.card, self.folder, self.part, self.isLive, self.kit) = (
            card, folder, part, isLive, kit
        )
    }

    /// Notes a verdict; a later word on a step takes an earlier one's place.
    mutating func take(_ step: StepReport) {
        if let known = steps.firstIndex(where: { $0.step == step.step }) {
            steps[known] = step
        } else {
            steps.append(step)
        }
    }

    /// What a step earns: whole points.
    func earned(_ report: StepReport) -> Int {
        guard report.verdict == .pass, let step = card.step(report.step) else { return 0 }
        return Int((Double(step.points) * report.share).rounded())
    }

    public var earned: Int { steps.map(earned).reduce(0, +) }

    /// The points of all that could be judged here. What this machine can't run does not count.
    public var possible: Int {
        steps.filter { $0.verdict != .environment }.compactMap { card.step($0.step)?.points }
            .reduce(0, +)
    }

    /// Whether all that was asked for holds.
    public var allPass: Bool { !steps.isEmpty && steps.allSatisfy { $0.verdict == .pass } }

    /// Steps that no program judges.
    var essays: [LabCard.Step] { card.steps.filter { $0.kind == .essay } }

    public var json: JSON {
        var report: JSON = [
            "schema": .string(Self.schema), "kit": .string(kit), "date": .string(date),
            "part": .string(part),
            "live": .bool(isLive), "milliseconds": JSON(milliseconds),
        ]
        report["lab"] = [
            "number": .string(card.number), "title": .string(card.title),
            "folder": .string(folder), "weight": JSON(card.weight),
        ]
        report["points"] = [
            "earned": JSON(earned), "possible": JSON(possible), "lab": JSON(card.points),
        ]
        report["compiler"] = .array(complaints.compactMap { try? JSON(encoding: $0) })
        report["steps"] = .array(steps.compactMap(json))
        report["essays"] = .array(
            essays.map {
                [
                    "step": .string($0.number), "title": .string($0.title),
                    "points": JSON($0.points),
                    "file": $0.file.map { .string($0) } ?? .null,
                ]
            })
        return report
    }

    private func json(_ step: StepReport) -> JSON? {
        guard let known = try? JSON(encoding: step), let card = card.step(step.step) else {
            return nil
        }
        var members: [(String, JSON)] = [
            ("step", .string(step.step)), ("title", .string(card.title)),
            ("kind", .string(card.kind.rawValue)), ("points", JSON(card.points)),
            ("earned", JSON(earned(step))),
        ]
        members += (known.object?.members ?? []).filter { $0.name != "step" }.map {
            ($0.name, $0.value)
        }
        return .object(JSONObject(members))
    }
}
