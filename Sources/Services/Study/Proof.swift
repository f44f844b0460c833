import Grading
import Linux

/// What the kit proves about a lab: the solution passes, every emptied hole is noticed by its own step, and
/// every mutant dies by the step and with the message that its header names.
public struct Proof {
    let kit: Kit
    let say: (String) -> Void

    public init(_ kit: Kit, say: @escaping (String) -> Void) { (self.kit, self.say) = (kit, say) }

    /// - Parameters:
    ///   - only: the name of one mutant, or of one step whose hole is emptied; nil for all.
    ///   - wish: how many seeds, which cluster.
    /// - Returns: what did not hold, one line each.
    public func run(_ lab: Lab, only: String? = nil, _ wish: Checker.Wish) throws -> [String] {
        try Ground(kit: kit, screen: Screen()).make(lab)
        let (variants, checker) = (Variants(kit), Checker(kit))
        var broken: [String] = []
        func note(_ fault: String?, _ fine: String) {
            say(fault.map { "  BROKEN  \($0)" } ?? "  holds   \(fine)")
            if let fault { broken.append("lab \(lab.number): \(fault)") }
        }
        let card = try lab.card()
        let mutants = try variants.mutants(of: lab)
        let reference = try variants.builder.build(
            lab, sources: lab.solution, as: "\(lab.number)/reference")
        var programs: [String: String] = [:]
        for mutant in mutants where only == nil || only == mutant.name {
            programs[mutant.name] = try variants.build(mutant, of: lab)
        }
        var given = wish
        (given.reference, given.mutants) = (reference, try variants.folderOfMutants(of: lab))
        func judge(_ name: String, _ program: String, _ steps: [String]) throws -> [StepReport] {
            var wish = given
            wish.steps = steps
            var reports: [StepReport] = []
            try checker.check(lab, part: program, wish) { reports.append($0) }
            return reports
        }
        if only == nil {
            for report in try judge("reference", reference, []) where report.verdict != .environment
            {
                let fault =
                    report.verdict == .pass
                    ? nil : "the solution: \(report.step) \(report.verdict): \(report.message)"
                note(fault, "the solution passes \(report.step)")
            }
        }
        for step in card.steps where step.file != nil && (only == nil || only == step.number) {
            let program = try variants.build(emptied: step.number, of: lab)
            let report = try judge("emptied", program, [step.number]).first
            guard report?.verdict != .environment else { continue }
            let noticed = report.map { $0.verdict == .todo || $0.verdict == .fail } ?? false
            note(
                noticed
                    ? nil
                    : "hole \(step.number) emptied: \(report.map { "\($0.verdict)" } ?? "no verdict")",
                "hole \(step.number) emptied is a \(report?.verdict.rawValue ?? "")")
        }
        for mutant in mutants where only == nil || only == mutant.name {
            guard let program = programs[mutant.name] else { continue }
            let report = try judge(mutant.name, program, [mutant.step]).first
            guard report?.verdict != .environment else { continue }
            let killed = report.map { $0.verdict == .fail && $0.message.contains(mutant.message) }
            let saw = report.map { "\($0.verdict): \($0.message)" } ?? "no verdict"
            note(
                killed == true ? nil : "mutant \(mutant.name) at step \(mutant.step): \(saw)",
                "mutant \(mutant.name) dies by \(mutant.step)")
        }
        return broken
    }
}
