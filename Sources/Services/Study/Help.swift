/// What `--help` says of each command for those who do the labs, or write them.
enum Help {
    static func text(_ name: String, command: String) -> String? {
        guard let entry = entries[name] else { return nil }
        return """
            usage: \(command) \(entry.usage)

            \(entry.what)

            example: \(command) \(entry.example)
            """
    }

    private static let entries: [String: (usage: String, what: String, example: String)] = [
        "list": ("list", "The labs: progress, points, minutes, and what earns most next.", "list"),
        "start": (
            "start NN",
            "What to read and to open for a lab, and what to predict. Changes nothing of yours.",
            "start 10"
        ),
        "check": (
            """
            check NN[.S] … [--mine|--reference] [--live] [--seed N] [--seeds COUNT] [--from DIR]
            [--format F]
            """,
            """
            Builds your part and says of each step whether it holds, what was seen where it doesn't, and
            the idea to go back to. Exit status 0 only if every step asked for holds.
              --reference   judges the reference instead of yours
              --live        also the steps that need a running cluster
              --seed N      begins with this seed; --seeds COUNT tries so many
              --from DIR    judges the files of a folder: a hand-in
              --format F    terminal, json, junit or gradescope (Docs/Report.md)
            """, "check 10.2"
        ),
        "watch": (
            "watch NN[.S] [--live]",
            "Checks again each time that a file of the lab is saved. Ctrl-C ends it.",
            "watch 10"
        ),
        "hint": (
            "hint NN.S [--again]",
            """
            One more hint of the four: a question, the concept, the place, nearly the code.
            --again shows those taken.
            """,
            "hint 10.2"
        ),
        "reset": (
            "reset NN",
            "Puts the starter back. Your files are kept under Labs/.progress, and it says where.",
            "reset 10"
        ),
        "diff": (
            "diff NN[.S] [--yes]",
            "Your files beside the reference. Asks first while a step has not passed.",
            "diff 10.2"
        ),
        "try": (
            "try [--reference] [--yes] NN [WORD …]",
            """
            The lab's concept in motion, with your part in it. The words after the lab's number
            are the program's own.
            """,
            "try 10 3 1 0"
        ),
        "replay": (
            "replay NN[.S] [--seed N] [--size N] [--debug] [--reference]",
            """
            One simulated run again, drawn here and as a page; --debug plays it to your part
            under a debugger.
            """,
            "replay 10.5 --seed 7"
        ),
        "progress": (
            "progress [NN …] [--format json]", "What has passed, when, and with which hints.",
            "progress"
        ),
        "blame": (
            "blame [NN …]",
            """
            Boots clusters with one part of yours after the other until it is known which one
            breaks it.
            """,
            "blame 06,10"
        ),
        "report": (
            "report",
            """
            Writes an archive for whoever helps you: versions, what the machine lacks, your progress, the
            logs. No keys, no tokens, none of your code.
            """,
            "report"
        ),
        "clean": (
            "clean [labs] [build] [cluster]",
            "How much disk each thing takes; removes those that are named. Nothing of yours is among them.",
            "clean labs"
        ),
        "prove": (
            "prove NN [STEP|MUTANT] [--generate [--sample N] [--seed S]]",
            """
            For those who write labs: the solution passes, emptied holes and mutants are noticed
            as they should be. With --generate: how many of all one-mistake variants of the
            reference the checks notice, and which they don't; of a sample of them with --sample.
            """,
            "prove 10 surge-rounded-down"
        ),
        "prove-all": (
            "prove-all [NN …] [--generate]",
            "The same for every lab, with the counts that the suite shows.",
            "prove-all"
        ),
        "handouts": (
            "handouts [--cluster] [FILE …]",
            "Runs the console blocks of the handouts and compares what they print.",
            "handouts 10"
        ),
        "starters": (
            "starters NN …", "Stores the starter files that can't be derived from the reference.",
            "starters 10"
        ),
        "long": (
            "long [--seeds N] [--repeats N] [NN …]",
            """
            A thousand seeds of every seeded check, fifty rounds of every kernel check with all
            cores busy.
            """,
            "long 10"
        ),
        "bench-loop": (
            "bench loop [clean] [NN …]",
            "How long a student waits: from saving to the verdict, and from a clean clone.",
            "bench loop 10"
        ),
    ]
}
