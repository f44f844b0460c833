import Contract
import Linux

/// Goes through a lab's steps in order and says what holds.
struct Judge {
    let card: LabCard
    let checks: [Check]
    let options: CheckOptions
    private var verdicts: [String: Verdict] = [:]
    /// Says that the judge is at work, to whoever would think otherwise when nothing comes for minutes.
    private let alive: () -> Void

    /// - Parameter alive: called at every attempt, and at every run of a seeded check.
    init(
        card: LabCard, checks: [Check], options: CheckOptions, alive: @escaping () -> Void = {}
    ) {
        (self.card, self.checks, self.options) = (card, checks, options)
        self.alive = alive
        for step in options.passed where !options.steps.contains(step) { verdicts[step] = .pass }
    }

    /// - Parameter report: called with each verdict as soon as it is known.
    mutating func run(_ report: (StepReport) -> Void) {
        var wanted = options.steps.isEmpty ? card.steps.map(\.number) : options.steps
        if options.seededOnly {
            let seeded = Set(checks.filter(\.isSeeded).map(\.step))
            wanted.removeAll { !seeded.contains($0) }
        }
        // A step that is needed is judged too, so that a skip is never a guess.
        let needed = Set(wanted.flatMap(allNeeds)).union(wanted)
        for step in card.steps where needed.contains(step.number) && verdicts[step.number] == nil {
            let started = Clock.monotonicMilliseconds()
            guard var verdict = judge(step) else { continue }
            // What was broken off says nothing about the part.
            if Interruption.came { return }
            verdict.milliseconds = Clock.monotonicMilliseconds() - started
            verdicts[step.number] = verdict.verdict
            if wanted.contains(step.number) { report(verdict) }
        }
    }

    private func allNeeds(of number: String) -> [String] {
        let needs = card.step(number)?.needs ?? []
        return needs + needs.flatMap(allNeeds)
    }

    private func judge(_ step: LabCard.Step) -> StepReport? {
        if step.kind == .essay { return nil }
        guard let check = checks.first(where: { $0.step == step.number }) else {
            return StepReport(step.number, .error, "the kit has no check for this step")
        }
        if check.isLive, options.live == nil, !(check.startsItsOwn && options.startsProcesses) {
            return nil
        }
        // What this machine lacks comes first: it is nobody's fault, and is never counted.
        for requirement in check.requirements {
            if let lack = requirement.lack(options) {
                return StepReport(step.number, .environment, lack)
            }
        }
        if let verdict = blocked(step) { return verdict }
        let (first, hung) = attempt(check, log: "first")
        // Who waited for a hang once need not wait for it again; and a cluster has no seed.
        guard first.verdict == .fail, !hung, !check.isLive, !Interruption.came else { return first }
        let second = attempt(check, log: "second").report
        return first.agrees(with: second) ? first : unstable(step.number, first, second)
    }

    /// What is said of a step that needs one that has not passed; nil where nothing stands in its way.
    ///
    /// Where all that stands in its way is what this machine can't run, the step itself can't be run here.
    private func blocked(_ step: LabCard.Step) -> StepReport? {
        let open = step.needs.filter { verdicts[$0].map { $0 != .pass } ?? false }
        if let missing = open.first(where: { verdicts[$0] != .environment }) {
            return StepReport(step.number, .skip, "step \(missing) comes first")
        }
        return open.first.map {
            StepReport(
                step.number, .environment, "it needs step \($0), which this machine can't run")
        }
    }

    private func unstable(
        _ number: String, _ first: StepReport, _ second: StepReport
    ) -> StepReport {
        var report = StepReport(
            number, .unstable,
            "two runs with the same seed disagreed: the part draws lots, reads a clock, or goes through a Set or Dictionary in whatever order it comes"
        )
        report.expected = "the same answer twice"
        func words(_ report: StepReport) -> String {
            let said = report.verdict == .pass ? "pass" : report.message
            return said + (report.seen.map { " (seen: \($0))" } ?? "")
        }
        report.seen = "first: \(words(first)); then: \(words(second))"
        report.logs = options.logs.map { logs in
            ["first", "second"].map { "\(logs)/\(number)-\($0).transcript" }
        }
        return report
    }

    /// One run of a check against a part's program of its own.
    /// - Returns: also whether an answer did not come in time.
    private func attempt(_ check: Check, log: String) -> (report: StepReport, hung: Bool) {
        let transcript = options.logs.flatMap {
            TranscriptFile(path: "\($0)/\(check.step)-\(log).transcript")
        }
        let part = PartProgram(
            path: options.part, totalMilliseconds: Bench.stepMilliseconds, confined: true,
            transcript: transcript?.add)
        alive()
        do {
            var report = try outcome(check, Bench(part: part, options: options, alive: alive))
            if report.verdict == .fail { report.question = part.lastQuestion }
            let printed = report.verdict == .fail ? part.printed : ""
            if !printed.isEmpty { report.printed = printed }
            return (report, false)
        } catch {
            let hung = if case .timedOut = error { true } else { false }
            var report = failure(check.step, error)
            if report.verdict == .fail { report.question = part.lastQuestion }
            return (report, hung)
        }
    }

    private func outcome(_ check: Check, _ bench: Bench) throws(PartFailure) -> StepReport {
        do {
            try check.body(bench)
            var report = StepReport(check.step, .pass, bench.notRun.joined(separator: "; "))
            (report.share, report.note) = (bench.share, bench.note)
            if options.shows { report.timeline = bench.shown }
            return report
        } catch let run as FailedRun {
            var report = failure(check.step, run.failed)
            (report.seed, report.size) = (run.run.seed, run.run.size)
            return report
        } catch let failed as Failed {
            return failure(check.step, failed)
        } catch let failure as PartFailure {
            throw failure
        } catch {
            return StepReport(
                check.step, .error,
                "the kit's own fault: \(error). Please report it with the output of `lab doctor`")
        }
    }

    private func failure(_ step: String, _ failed: Failed) -> StepReport {
        var report = StepReport(step, .fail, failed.claim)
        (report.expected, report.seen) = (failed.expected, failed.seen)
        (report.idea, report.timeline) = (failed.idea, failed.timeline)
        return report
    }

    private func failure(_ step: String, _ failure: PartFailure) -> StepReport {
        if case .unfinished(let missing) = failure {
            return missing == step
                ? StepReport(step, .todo, "not written yet")
                : StepReport(step, .skip, "step \(missing) comes first")
        }
        return StepReport(step, .fail, "\(failure)")
    }
}
