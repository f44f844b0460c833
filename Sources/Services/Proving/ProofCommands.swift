import Grading
import Linux
import Study

/// What maintainers ask for, by name. The last four are what a proof starts side by side.
public let provingCommands: [String: StudyCommand] = [
    "prove": prove, "prove-all": proveAll, "handouts": handouts, "starters": starters, "long": long,
    "bench-loop": benchLoop, "busy": busy, "build-variant": buildVariant,
    "judge-variant": judgeVariant, "judge-generated": judgeGenerated,
]

/// `proving prove 10 [STEP|MUTANT]`: what the kit proves about one lab. With `--generate` what its checks notice of
/// generated variants, of a sample of them with `--sample N [--seed N]`.
func prove(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(
        words, options: ["--sample", "--seed"], flags: ["--generate"])
    guard let word = arguments.words.first else {
        throw StudyError("usage: proving prove NN [MUTANT|STEP|--generate]")
    }
    if arguments.has("--generate") { return try generate(kit, arguments) }
    let lab = try kit.lab(word.split(separator: ".").first.map(String.init) ?? word)
    let only = arguments.words.count > 1 ? arguments.words[1] : word.contains(".") ? word : nil
    let outcome = try Proof(kit, Screen()).run(lab, only: only)
    return outcome.broken.isEmpty
}

/// `proving prove-all [--generate] [NN …]`: every lab; closes with the counts that `lab test` shows.
func proveAll(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(
        words, options: ["--sample", "--seed"], flags: ["--generate"])
    if arguments.has("--generate") { return try generate(kit, arguments) }
    let screen = Screen()
    let labs =
        arguments.words.isEmpty ? try kit.labs.map(kit.lab) : try arguments.words.map(kit.lab)
    var all = Proof.Outcome()
    for lab in labs {
        let began = Clock.monotonicMilliseconds()
        screen.say("lab \(lab.folder)")
        do { all.add(try Proof(kit, screen).run(lab)) } catch let error
            where !(error is Interrupted)
        {
            screen.say("  BROKEN  \(error)")
            all.broken.append("  BROKEN  lab \(lab.number): \(error)")
        }
        screen.say("  took    \((Clock.monotonicMilliseconds() - began) / 1000) s")
    }
    sum(screen, passed: all.held, failed: all.broken.count, skipped: all.skipped.count)
    return all.broken.isEmpty
}

/// `proving starters [NN …]`: stores the starters that can't be derived from the reference.
func starters(_ kit: Kit, _ words: [String]) throws -> Bool {
    for lab in words.isEmpty ? try kit.labs.map(kit.lab) : try words.map(kit.lab) {
        for file in try Starter(lab: lab).store() { print("Tests/Starters/\(lab.folder)/\(file)") }
    }
    return true
}

/// `proving handouts [--cluster] [PATH …]`: every console block of the handouts, or of these.
func handouts(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(words, flags: ["--cluster"])
    let screen = Screen()
    let runner = Handouts(kit: kit) { screen.say($0) }
    let paths =
        try arguments.words.isEmpty
        ? runner.all()
        : arguments.words.map { word in
            let path = "\(kit.root)/\(word)"
            return Files.exists(path) && !Files.isDirectory(path)
                ? word : "Labs/\(try kit.lab(word).folder)/README.md"
        }
    guard geteuid() == 0 else { throw StudyError("the handouts' commands need root") }
    let outcome = try runner.run(paths, onCluster: arguments.has("--cluster"))
    sum(screen, passed: outcome.passed, failed: outcome.broken.count, skipped: outcome.skipped)
    return outcome.broken.isEmpty
}

/// The line by which `lab test` counts.
func sum(_ screen: Screen, passed: Int, failed: Int, skipped: Int) {
    screen.say("sum: \(passed) passed, \(failed) failed, \(skipped) skipped")
}

/// Started by `Proof` side by side with others, a process of its own.
func judgeVariant(_ kit: Kit, _ words: [String]) throws -> Bool {
    let (lab, variant) = try variant(kit, words)
    try Proof(kit, Screen()).judge(variant, of: lab, mutants: words.count > 2 ? words[2] : "")
    return true
}
