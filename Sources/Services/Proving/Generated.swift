import Grading
import Linux
import Study

/// `lab prove NN --generate`: what a lab's checks notice of the mistakes that nobody thought of.
///
/// Each hole of the reference gets every mistake of a list, one at a time (Tests/Mutation). Those that compile are
/// judged, all as one program with a switch. Who stays alive is a hole in the checks, or as right as the reference;
/// the latter stand on a list, with reasons (`Harmless`).
struct Generated {
    let kit: Kit
    let screen: Screen
    /// How many variants of a lab are tried, drawn by lot; nil for all.
    var sample: Int?
    var seed = 1

    /// Of the variants that compile, in percent.
    static let diedLeast = 95.0
    static let harmlessMost = 3.0

    func run(_ lab: Lab) throws -> Tally {
        let began = Clock.monotonicMilliseconds()
        try Ground(kit: kit, screen: screen).make(lab)
        let harmless = try Harmless(of: lab)
        screen.moving("lab \(lab.number): making the variants")
        let made = try Mutator(kit: kit).make(
            lab, steps: Proof.judgedSteps(try lab.card()), sample: drawn)
        var tally = Tally(lab: lab.number, uncompiled: made.uncompiled)
        try Jobs(kit: kit).run(
            made.variants.map {
                ["judge-generated", lab.number, made.program, "\($0.number)", $0.step]
            }
        ) { index, ending, text in
            screen.moving("lab \(lab.number): \(index + 1) of \(made.variants.count) judged")
            let line = text.split(separator: "\n").last.map(String.init) ?? "\(ending)"
            let fate = ending.succeeded ? Fate(line: line) : .fault(line)
            for line in tally.note(made.variants[index], fate, harmless) { screen.say(line) }
        }
        tally.seconds = (Clock.monotonicMilliseconds() - began) / 1000
        if sample == nil { tally.findStale(harmless) }
        for line in tally.lines { screen.say(line) }
        return tally
    }

    /// Some of them, in their order; which, the seed says.
    func drawn(_ all: [GeneratedVariant]) -> [GeneratedVariant] {
        guard let sample, sample < all.count else { return all }
        var dice = Dice(seed: UInt64(seed))
        return all.shuffled(using: &dice).prefix(sample).sorted { $0.number < $1.number }
    }

    /// What became of a lab's variants.
    struct Tally: Sendable {
        let lab: String
        /// How many don't compile.
        let uncompiled: Int
        var died = 0
        /// Alive, and on the list of those that are right.
        var harmless = 0
        /// Alive, and on no list.
        var alive = 0
        /// Of steps that this machine can't run.
        var unknown: [String] = []
        var seconds = 0
        /// What stands on the list of the harmless, and is no variant that is alive.
        private(set) var stale: [Harmless.Entry] = []
        private var met: Set<Harmless.Entry> = []

        init(lab: String, uncompiled: Int) { (self.lab, self.uncompiled) = (lab, uncompiled) }

        /// How many compile and could be judged.
        var compiled: Int { died + harmless + alive }
        var diedPercent: Double { Double(died) * 100 / Double(max(1, compiled)) }
        var harmlessPercent: Double { Double(harmless) * 100 / Double(max(1, compiled)) }
        private var isEnough: Bool { diedPercent >= diedLeast && harmlessPercent <= harmlessMost }
        var holds: Bool { isEnough && stale.isEmpty }

        /// - Returns: what to say about it.
        mutating func note(
            _ variant: GeneratedVariant, _ fate: Fate, _ list: Harmless
        ) -> [String] {
            let entry = Harmless.entry(variant)
            func shown(_ word: String) -> [String] {
                [
                    "  \(word) \(variant.place)", "            - \(entry.before)",
                    "            + \(entry.after)",
                ]
            }
            switch fate {
            case .died: died += 1
            case .unknown(let text): unknown.append("\(variant.place): \(text)")
            case .alive where list.reasons[entry] != nil:
                met.insert(entry)
                harmless += 1
            case .alive:
                alive += 1
                return shown("alive  ")
            case .late(let text), .fault(let text):
                alive += 1
                return shown("alive  ") + ["            (\(text))"]
            }
            return []
        }

        /// To be called when all variants have been tried.
        mutating func findStale(_ list: Harmless) {
            stale = Set(list.reasons.keys).subtracting(met).sorted {
                ($0.step, $0.before) < ($1.step, $1.before)
            }
        }

        var lines: [String] {
            let percent = Double((diedPercent * 10).rounded()) / 10
            var lines = [
                (isEnough ? "  holds   " : "  BROKEN  ")
                    + "\(died) of \(compiled) variants die, \(percent) %; \(harmless) are harmless, \(alive) unexplained; \(uncompiled) don't compile; \(seconds) s"
            ]
            lines += stale.map {
                "  BROKEN  on the list of harmless variants, and none that is alive: \($0.step) \($0.function): \($0.after)"
            }
            if let first = unknown.first {
                lines.append("  skipped \(unknown.count) variants, the first \(first)")
            }
            return lines
        }
    }
}

/// Started by `Generated` side by side with others: `judge-generated NN PROGRAM NUMBER STEP` says the fate of one.
func judgeGenerated(_ kit: Kit, _ words: [String]) throws -> Bool {
    guard words.count == 4 else {
        throw StudyError("usage: judge-generated NN PROGRAM NUMBER STEP")
    }
    let link = "\(words[1]).\(words[2])"
    unlink(link)
    try check("link \(link)") { symlink(words[1], link) }
    defer { unlink(link) }
    let fate = try Proof(kit, Screen()).fate(
        ofStep: words[3], try kit.lab(words[0]), part: link)
    print(fate.line)
    return true
}
