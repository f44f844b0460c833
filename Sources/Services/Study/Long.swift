import Grading
import Linux
import PartPipe

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
        let simulated = card.steps.filter { $0.kind == .simulated }.map(\.number)
        if !simulated.isEmpty {
            var wish = Checker.Wish()
            (wish.steps, wish.seedCount) = (simulated, seeds)
            try judge(lab, program, wish, "\(seeds) seeds", &outcome)
        }
        let kernel = card.steps.filter { $0.kind == .kernel }.map(\.number)
        if !kernel.isEmpty { try loaded { try repeated(lab, program, kernel, &outcome) } }
        return outcome
    }

    private func judge(
        _ lab: Lab, _ program: String, _ wish: Checker.Wish, _ what: String,
        _ outcome: inout Outcome
    ) throws {
        try Checker(kit).check(lab, part: program, wish) { report in
            let seconds = Double(report.milliseconds / 100) / 10
            switch report.verdict {
            case .pass: outcome.passed += 1
            case .environment: outcome.skipped += 1
            default:
                let seed = report.seed.map { ", seed \($0)" } ?? ""
                outcome.failed.append(
                    "\(report.step)\(seed): \(report.verdict.rawValue): \(report.message) \(report.seen ?? "")"
                )
            }
            let word =
                report.verdict == .pass
                ? "holds  " : report.verdict == .environment ? "skipped" : "BROKEN "
            screen.say(
                "  \(word) \(report.step), \(what), \(seconds) s \(report.verdict == .pass ? "" : report.message)"
            )
        }
    }

    /// Every kernel step, over and over, while the machine is busy with something else.
    private func repeated(
        _ lab: Lab, _ program: String, _ steps: [String], _ outcome: inout Outcome
    ) throws {
        var passes: [String: Int] = [:]
        var faults: [String: [String]] = [:]
        var lacking: Set<String> = []
        var wish = Checker.Wish()
        wish.steps = steps
        for round in 1...repeats {
            screen.moving("lab \(lab.number): round \(round) of \(repeats), all cores busy")
            try Checker(kit).check(lab, part: program, wish) { report in
                switch report.verdict {
                case .pass: passes[report.step, default: 0] += 1
                case .environment: lacking.insert(report.step)
                default:
                    faults[report.step, default: []].append(
                        "round \(round): \(report.verdict.rawValue): \(report.message) \(report.seen ?? "")"
                    )
                }
            }
            if Interruption.came { throw Interrupted() }
        }
        for step in steps {
            if lacking.contains(step) {
                outcome.skipped += 1
                screen.say("  skipped \(step): this machine can't run it")
            } else if let found = faults[step] {
                outcome.failed.append(
                    "\(step): \(found.count) of \(repeats) rounds failed; \(found[0])")
                screen.say(
                    "  BROKEN  \(step): \(passes[step] ?? 0) of \(repeats) rounds; \(found[0])")
            } else {
                outcome.passed += 1
                screen.say("  holds   \(step), \(repeats) rounds with all cores busy")
            }
        }
    }

    /// Runs with one busy loop a core beside it.
    private func loaded(_ body: () throws -> Void) throws {
        let count = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let loops = try (0..<count).map { _ in
            try Child.spawn("/proc/self/exe", ["study", "busy"], descriptors: [2: 2])
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
