import Grading
import JSON
import Linux

/// Has a lab's judge look at a part's program.
public struct Checker: Sendable {
    let kit: Kit

    public init(_ kit: Kit) { self.kit = kit }

    /// How long a judge may say nothing at all. What it does between two signs of life is one step's tables or one
    /// run of a simulation, and the part has half a minute for the answers in it.
    var silenceMillisecondsMax = 240_000

    /// What to ask the judge.
    public struct Wish: Sendable {
        /// Empty for all.
        public var steps: [String] = []
        /// Steps that need no second look.
        public var passed: [String] = []
        public var seed: Int?
        public var seedCount: Int?
        public var size: Int?
        /// The kubeconfig of a running cluster.
        public var live: String?
        /// The reference's program and the folder of known wrong parts: for the open step.
        public var reference: String?
        public var mutants: String?
        public var logs: String?
        /// Whether a run that passes tells its timeline too.
        public var shows = false
        /// Whether only the runs of seeds are looked at, and no tables.
        public var runsOnly = false
        /// Whether only steps that are tried with many seeds are judged.
        public var seededOnly = false
        /// Whether live steps that start their own processes are judged without a cluster too.
        public var startsProcesses = false
        public init() {}
    }

    /// - Parameter report: called with each step's verdict as it comes. Where the judge ends badly, or says what no
    ///   judge says, none of it counts: every step is reported, or reported again, as an `error`.
    public func check(
        _ lab: Lab, part: String, _ wish: Wish, _ report: (StepReport) -> Void
    ) throws {
        let card = try lab.card()
        let word = Self.newWord()
        let output = try Pipe()
        let secret = try Pipe()
        try secret.write.write(word)
        let child = try Child.spawn(
            "\(kit.built)/check-\(lab.number)", arguments(lab, part, wish),
            descriptors: [1: output.write.raw, 2: 2, VerdictStream.wordDescriptor: secret.read.raw])
        let input = output.intoRead()
        var verdicts = Verdicts(word: word, card: card, wanted: wish.steps)
        let silent = readLines(from: input.raw, child) { line in
            if let step = verdicts.take(line) { report(step) }
        }
        let ending = try child.wait()
        if Interruption.came { return }
        let what =
            silent
            ? "said nothing for \(silenceMillisecondsMax / 1000) s"
            : !ending.succeeded ? "\(ending)" : verdicts.fault
        guard let what else { return }
        for step in card.steps where step.kind != .essay {
            guard
                verdicts.judged.contains(step.number)
                    || (step.kind != .cluster || wish.live != nil)
                        && (wish.steps.isEmpty || wish.steps.contains(step.number))
            else { continue }
            report(
                StepReport(
                    step.number, .error,
                    "the judge \(what), so nothing that it said counts. Unless the part is to blame, this is the kit's fault: please report it with the output of `\(kit.command) doctor`"
                ))
        }
    }

    /// A word that nobody can guess, as hexadecimal digits.
    private static func newWord() -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var generator = SystemRandomNumberGenerator()
        return (0..<VerdictStream.wordBytes).map { _ in digits.randomElement(using: &generator)! }
    }

    private func arguments(_ lab: Lab, _ part: String, _ wish: Wish) -> [String] {
        var arguments = ["check-\(lab.number)", "--part", part, "--lab", lab.home]
        func option(_ name: String, _ value: String?) {
            if let value { arguments += [name, value] }
        }
        option("--steps", wish.steps.isEmpty ? nil : wish.steps.joined(separator: ","))
        option("--passed", wish.passed.isEmpty ? nil : wish.passed.joined(separator: ","))
        option("--seed", wish.seed.map(String.init))
        option("--seeds", wish.seedCount.map(String.init))
        option("--size", wish.size.map(String.init))
        option("--live", wish.live)
        option("--reference", wish.reference)
        option("--mutants", wish.mutants)
        option("--logs", wish.logs)
        option("--show", wish.shows ? "yes" : nil)
        option("--runs", wish.runsOnly ? "yes" : nil)
        option("--seeded", wish.seededOnly ? "yes" : nil)
        option("--processes", wish.startsProcesses ? "yes" : nil)
        return arguments
    }

    /// - Returns: whether the judge had to be ended because it said nothing any more.
    private func readLines(
        from descriptor: Int32, _ child: Child, _ take: ([UInt8]) -> Void
    ) -> Bool {
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        var lastWord = Clock.monotonicMilliseconds()
        while true {
            var polled = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
            if poll(&polled, 1, 1000) <= 0 {
                if Interruption.came { child.signal(SIGTERM) }
                if Clock.monotonicMilliseconds() - lastWord < silenceMillisecondsMax {
                    continue
                }
                child.signal(SIGKILL)
                return true
            }
            let got = read(descriptor, &buffer, buffer.count)
            if got < 0, Errno.current == .interrupted { continue }
            guard got > 0 else { return false }
            lastWord = Clock.monotonicMilliseconds()
            pending += buffer[..<got]
            while let newline = pending.firstIndex(of: UInt8(ascii: "\n")) {
                take(Array(pending[..<newline]))
                pending.removeSubrange(...newline)
            }
        }
    }
}
