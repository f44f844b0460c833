import Grading
import Linux
import PartPipe
import Study

/// `lab test long`: the reference a thousand times over. A check that fails now and then would tell a student
/// lies, so it may not.
struct Long {
    let kit: Kit
    let screen: Screen
    var seeds = 1000
    var repeats = 50

    struct Outcome {
        var passed = 0
        var failed: [String] = []
        var skipped = 0
    }

    func run(_ lab: Lab) throws -> Outcome {
        try Ground(kit: kit, screen: screen).make(lab)
        let card = try lab.card()
        let program = try Variants(kit).build(.reference, of: lab)
        var outcome = Outcome()
        var wish = Checker.Wish()
        wish.steps = card.steps.filter { $0.kind == .simulated || $0.kind == .kernel }.map(\.number)
        (wish.seededOnly, wish.seedCount) = (true, seeds)
        try judge(lab, program, wish, "\(seeds) seeds", &outcome)
        try loaded { try repeated(lab, program, card, &outcome) }
        return outcome
    }

    private func judge(
        _ lab: Lab, _ program: String, _ wish: Checker.Wish, _ what: String,
        _ outcome: inout Outcome
    ) throws {
        try Checker(kit).check(lab, part: program, wish) { report in
            let seconds = Double(report.milliseconds / 100) / 10
            let word: String
            switch report.verdict {
            case .pass where report.message.isEmpty:
                outcome.passed += 1
                word = "holds  "
            case .pass, .environment:
                outcome.skipped += 1
                word = "skipped"
            default:
                let seed = report.seed.map { ", seed \($0)" } ?? ""
                outcome.failed.append(
                    "\(report.step)\(seed): \(report.verdict.rawValue): \(report.message) \(report.seen ?? "")"
                )
                word = "BROKEN "
            }
            screen.say("  \(word) \(report.step), \(what), \(seconds) s \(report.message)")
        }
    }

    /// Every step that acts, over and over, while the machine is busy with something else: those with the real kernel,
    /// and those that start processes of their own.
    private func repeated(
        _ lab: Lab, _ program: String, _ card: LabCard, _ outcome: inout Outcome
    ) throws {
        let acting = card.steps.filter { $0.kind == .kernel || $0.kind == .cluster }.map(\.number)
        if acting.isEmpty { return }
        var rounds = Rounds()
        var wish = Checker.Wish()
        (wish.steps, wish.startsProcesses) = (acting, true)
        // What they need has just been tried a thousand times.
        wish.passed = card.steps.map(\.number).filter { !acting.contains($0) }
        for round in 1...repeats {
            screen.moving("lab \(lab.number): round \(round) of \(repeats), all cores busy")
            try Checker(kit).check(lab, part: program, wish) { rounds.note($0, round) }
            if Interruption.came { throw Interrupted() }
        }
        // Steps that need a cluster have no verdict here.
        for step in acting where rounds.isKnown(step) {
            let passes = rounds.passes[step] ?? 0
            if let found = rounds.faults[step] {
                outcome.failed.append(
                    "\(step): \(found.count) of \(repeats) rounds failed; \(found[0])")
                screen.say("  BROKEN  \(step): \(passes) of \(repeats) rounds; \(found[0])")
            } else if let lack = rounds.lacks[step] {
                outcome.skipped += 1
                screen.say("  skipped \(step), \(passes) rounds passed: \(lack)")
            } else {
                outcome.passed += 1
                screen.say("  holds   \(step), \(passes) rounds with all cores busy")
            }
        }
    }

    /// What came of a step in many rounds.
    struct Rounds {
        private(set) var passes: [String: Int] = [:]
        private(set) var faults: [String: [String]] = [:]
        /// What this machine can't try of a step, or why it can't try the step at all.
        private(set) var lacks: [String: String] = [:]

        func isKnown(_ step: String) -> Bool {
            passes[step] != nil || faults[step] != nil || lacks[step] != nil
        }

        mutating func note(_ report: StepReport, _ round: Int) {
            switch report.verdict {
            case .pass:
                passes[report.step, default: 0] += 1
                if !report.message.isEmpty { lacks[report.step] = report.message }
            case .environment: lacks[report.step] = report.message
            default:
                faults[report.step, default: []].append(
                    "round \(round): \(report.verdict.rawValue): \(report.message) \(report.seen ?? "")"
                )
            }
        }
    }

    /// Runs with one busy loop a core beside it.
    private func loaded(_ body: () throws -> Void) throws {
        let count = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let loops = try (0..<count).map { _ in
            try Child.spawn("/proc/self/exe", ["proving", "busy"], descriptors: [2: 2])
        }
        defer {
            for loop in loops {
                loop.signal(SIGKILL)
                _ = try? loop.wait()
            }
        }
        try body()
    }
}

/// What keeps one core busy until whoever started it ends it, or is gone.
func busy(_ kit: Kit, _ words: [String]) throws -> Bool {
    Interruption.endWithParent()
    var number = 1
    while !Interruption.came { number = number &* 6_364_136_223_846_793_005 &+ 1 }
    return number != 0
}

/// `study long [--seeds N] [--repeats N] [NN …]`.
func long(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(words, options: ["--seeds", "--repeats"])
    let screen = Screen()
    var long = Long(kit: kit, screen: screen)
    long.seeds = try arguments.number("--seeds", from: 1) ?? long.seeds
    long.repeats = try arguments.number("--repeats", from: 1) ?? long.repeats
    var (passed, failed, skipped) = (0, 0, 0)
    for lab in try arguments.words.isEmpty ? kit.labs.map(kit.lab) : arguments.words.map(kit.lab) {
        screen.say("lab \(lab.folder)")
        do {
            let outcome = try long.run(lab)
            passed += outcome.passed
            failed += outcome.failed.count
            skipped += outcome.skipped
        } catch let error where !(error is Interrupted) {
            screen.say("  BROKEN  \(error)")
            failed += 1
        }
    }
    sum(screen, passed: passed, failed: failed, skipped: skipped)
    return failed == 0
}
