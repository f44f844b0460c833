/// How one step is judged: a name, what it takes of the machine, and a body that throws `Failed`.
///
/// A body asks the part over its pipe and looks at what the answers, or the kernel's own files, say. It never
/// waits for luck: what is random has the bench's seed.
public struct Check: Sendable {
    /// `10.3`
    public let step: String
    let requirements: [Requirement]
    /// Whether it needs a running cluster, and so runs only with `--live`.
    let isLive: Bool
    /// Whether a live step boots what it needs by itself, so that no cluster has to be there.
    let startsItsOwn: Bool
    /// Whether a part of it is tried with many seeds.
    private(set) var isSeeded = false
    let body: @Sendable (Bench) throws -> Void

    public init(
        _ step: String, requires requirements: [Requirement] = [], live: Bool = false,
        startsItsOwn: Bool = false, _ body: @escaping @Sendable (Bench) throws -> Void
    ) {
        (self.step, self.requirements, self.isLive) = (step, requirements, live)
        self.startsItsOwn = startsItsOwn
        self.body = body
    }

    /// A check over many seeds. Each seed is one run of a simulation; the first that fails is made smaller (by
    /// its `size`, which the body reads as it likes: pods, events, members) before it is shown.
    /// Each run has its own bound of time, so that its verdict depends on no run before it.
    /// - Parameter count: how many seeds where nobody says: fewer where a run takes many questions.
    public static func seeded(
        _ step: String, sizes: ClosedRange<Int> = 1...10, usually count: Int = 25,
        requires requirements: [Requirement] = [],
        _ body: @escaping @Sendable (Bench, Run) throws -> Void
    ) -> Check {
        let bound = max(Bench.runMillisecondsLeast, Bench.stepMilliseconds / count)
        @Sendable func once(_ bench: Bench, _ run: Run) throws {
            bench.begin(withinMilliseconds: bound)
            try body(bench, run)
        }
        var check = Check(step, requires: requirements) { bench in
            for seed in bench.seeds(usually: count) {
                let size = bench.options.size ?? sizes.lowerBound + seed % sizes.count
                let run = Run(seed: seed, size: size)
                do { try once(bench, run) } catch let failed as Failed {
                    let smallest = smaller(than: run, from: sizes.lowerBound, once, bench)
                    throw FailedRun(failed: smallest?.failed ?? failed, run: smallest?.run ?? run)
                }
            }
        }
        check.isSeeded = true
        return check
    }

    /// Both, this one first: tables of single decisions before runs over many seeds.
    public func then(_ other: Check) -> Check {
        var both = Check(
            step, requires: requirements + other.requirements, live: isLive,
            startsItsOwn: startsItsOwn
        ) { [body, isSeeded] bench in
            if isSeeded || !bench.options.runsOnly { try body(bench) }
            bench.begin(withinMilliseconds: Bench.stepMilliseconds)
            try other.body(bench)
        }
        both.isSeeded = isSeeded || other.isSeeded
        return both
    }

    /// The smallest run of the same seed that fails too.
    private static func smaller(
        than run: Run, from least: Int, _ body: (Bench, Run) throws -> Void, _ bench: Bench
    ) -> (failed: Failed, run: Run)? {
        for size in least..<max(least, run.size) {
            let candidate = Run(seed: run.seed, size: size)
            do { try body(bench, candidate) } catch {
                if let failed = error as? Failed { return (failed, candidate) }
            }
        }
        return nil
    }
}

/// One run of a simulation: all that is random in it comes from the seed.
public struct Run: Hashable, Sendable {
    public let seed: Int
    /// How big the scenario is; what that means is the check's to say.
    public let size: Int
    public var dice: Dice { Dice(seed: UInt64(seed)) }

    public init(seed: Int, size: Int) { (self.seed, self.size) = (seed, size) }
}

/// A failure and the run that shows it.
struct FailedRun: Error {
    let failed: Failed
    let run: Run
}

/// What a check's body works with.
public final class Bench {
    /// The part to be judged, a program of its own.
    public let part: PartProgram
    public let options: CheckOptions
    /// For an open step: the share of the points that its tests earned.
    public var share = 1.0

    /// What is worth knowing about a pass.
    public var note: String?

    /// What the run looked like, where the body says.
    private(set) var shown: Timeline?

    /// Tells what happened in the run, also when it goes well: `lab replay` draws it.
    public func show(_ timeline: Timeline) { shown = timeline }

    /// How long a step's answers may take together, beside the limit of each.
    static let stepMilliseconds = 30_000
    /// What every run of a seeded check has at least: the time of one slow answer.
    static let runMillisecondsLeast = 5000

    /// What of this step was not tried here, each with the reason.
    private(set) var notRun: [String] = []

    /// Says that a part of the step can't be tried on this machine. A pass shows it, so that nobody takes it for more
    /// than it is.
    /// - Parameter reason: `no cgroup v2 hierarchy with memory and pids can be written here`.
    public func couldNotTry(_ what: String, because reason: String) {
        notRun.append("\(what) not run here: \(reason)")
    }

    private let alive: () -> Void

    init(part: PartProgram, options: CheckOptions, alive: @escaping () -> Void = {}) {
        (self.part, self.options, self.alive) = (part, options, alive)
    }

    /// From here on the part has so much time for all its answers together.
    func begin(withinMilliseconds bound: Int) {
        alive()
        part.allow(milliseconds: bound)
    }

    /// The seeds to try: as many as were asked for.
    func seeds(usually count: Int) -> Range<Int> {
        options.seed..<options.seed + (options.seedCount ?? count)
    }
}
