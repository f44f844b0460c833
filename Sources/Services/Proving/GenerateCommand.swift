import Grading
import Linux
import Study

/// `prove NN --generate`, `prove-all --generate`: the generated variants of some labs, or of all.
///
/// All variants of all labs are a figure: the page of figures gets them.
func generate(_ kit: Kit, _ arguments: Arguments) throws -> Bool {
    let screen = Screen()
    var generated = Generated(kit: kit, screen: screen)
    generated.sample = try arguments.number("--sample", from: 1)
    generated.seed = try arguments.number("--seed") ?? generated.seed
    let labs =
        arguments.words.isEmpty ? try kit.labs.map(kit.lab) : try arguments.words.map(kit.lab)
    var tallies: [Generated.Tally] = []
    var broken = 0
    for lab in labs {
        screen.say("lab \(lab.folder)")
        do {
            let tally = try generated.run(lab)
            tallies.append(tally)
            if !tally.holds { broken += 1 }
        } catch let error where !(error is Interrupted) {
            screen.say("  BROKEN  \(error)")
            broken += 1
        }
    }
    if labs.count == kit.labs.count, tallies.count == labs.count, generated.sample == nil {
        let page = "\(kit.root)/Docs/Figures.md"
        try Files.write(VariantFigures.page(try Files.readText(page), tallies), to: page)
    }
    let skipped = tallies.count { !$0.unknown.isEmpty }
    sum(screen, passed: labs.count - broken, failed: broken, skipped: skipped)
    return broken == 0
}

/// The variants in `Docs/Figures.md`: the page's last section.
enum VariantFigures {
    static let heading = "## Generated variants"

    /// The page with these figures in place of those that it has.
    static func page(_ page: String, _ tallies: [Generated.Tally]) -> String {
        let kept = page.firstRange(of: "\n" + heading).map { page[..<$0.lowerBound] } ?? page[...]
        return kept + "\n" + section(tallies)
    }

    private static func section(_ tallies: [Generated.Tally]) -> String {
        var lines = [
            heading, "",
            "One-mistake variants of the references' holes, as `Labs/lab test variants` judges them. Of those that compile at least 95 % die in each lab, and at most 3 % stand on its list of harmless ones (`Tests/Mutants/NN-Topic/harmless`).",
            "",
            "| lab | variants that compile | die | share | harmless | unexplained | don't compile | seconds |",
            "|---|---|---|---|---|---|---|---|",
        ]
        lines += tallies.map { tally in
            let tenths = Int(tally.diedPercent * 10)
            return
                "| \(tally.lab) | \(tally.compiled) | \(tally.died) | \(tenths / 10).\(tenths % 10) % | \(tally.harmless) | \(tally.alive) | \(tally.uncompiled) | \(tally.seconds) |"
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
