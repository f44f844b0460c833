import Grading
import Linux

// The words of the commands for those who do the labs; what they do is in Overview, OwnFiles, Watch …

func list(_ kit: Kit, _ words: [String]) throws -> Bool {
    _ = try Arguments(words)
    try Overview(kit: kit, screen: Screen()).list()
    return true
}

func start(_ kit: Kit, _ words: [String]) throws -> Bool {
    let lab = try theLab(try Arguments(words).words, kit, "start 01").lab
    try Overview(kit: kit, screen: Screen()).start(lab)
    return true
}

func hint(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(words, flags: ["--again"])
    let target = try theLab(arguments.words, kit, "hint 01.3")
    guard let step = target.steps.first else {
        let steps = try target.lab.card().steps.map(\.number).joined(separator: ", ")
        throw StudyError("hints are given for a step: \(steps)")
    }
    try Overview(kit: kit, screen: Screen()).hint(target.lab, step, again: arguments.has("--again"))
    return true
}

func progress(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(words, options: ["--format"])
    let labs =
        try arguments.words.isEmpty
        ? kit.labs.map(kit.lab) : targets(arguments.words, kit).map(\.lab)
    let overview = Overview(kit: kit, screen: Screen())
    switch arguments["--format"] ?? "terminal" {
    case "terminal": try overview.progress(labs)
    case "json": Screen().emit(try overview.progressJSON(labs).prettyText)
    case let other: throw StudyError("no format \"\(other)\"; there are: terminal, json")
    }
    return true
}

func report(_ kit: Kit, _ words: [String]) throws -> Bool {
    _ = try Arguments(words)
    try Bundle(kit: kit, screen: Screen()).write()
    return true
}

func clean(_ kit: Kit, _ words: [String]) throws -> Bool {
    try Clean(kit: kit, screen: Screen()).run(try Arguments(words).words)
    return true
}

func reset(_ kit: Kit, _ words: [String]) throws -> Bool {
    let target = try theLab(try Arguments(words).words, kit, "reset 01")
    guard target.steps.isEmpty else {
        throw StudyError("a whole lab is reset: \(kit.command) reset \(target.lab.number)")
    }
    try OwnFiles(kit: kit, screen: Screen(), lab: target.lab).reset()
    return true
}

func diff(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(words, flags: ["--yes"])
    let target = try theLab(arguments.words, kit, "diff 01.3")
    try OwnFiles(kit: kit, screen: Screen(), lab: target.lab)
        .diff(target.steps, sure: arguments.has("--yes"))
    return true
}

func watch(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(words, options: ["--seed", "--seeds"], flags: ["--live"])
    let target = try theLab(arguments.words, kit, "watch 01")
    var wishes = CheckCommand.Wishes()
    wishes.steps = target.steps
    wishes.isLive = arguments.has("--live")
    wishes.seed = try arguments.number("--seed")
    wishes.seedCount = try arguments.number("--seeds", from: 1)
    wishes.isCompact = true
    try Watch(kit: kit, screen: Screen(), lab: target.lab, wishes: wishes).run()
    return true
}

/// The one lab that a command is about.
func theLab(_ words: [String], _ kit: Kit, _ example: String) throws -> (lab: Lab, steps: [String])
{
    let found = try targets(words, kit)
    guard let first = found.first else {
        throw StudyError("which lab? For example: \(kit.command) \(example)")
    }
    guard found.count == 1 else { throw StudyError("one lab at a time") }
    for step in first.steps where try first.lab.card().step(step) == nil {
        let known = try first.lab.card().steps.map(\.number).joined(separator: ", ")
        throw StudyError("lab \(first.lab.number) has no step \(step); its steps are \(known)")
    }
    return first
}

/// Everything after the lab belongs to the program that is tried.
func tryPart(_ kit: Kit, _ words: [String]) throws -> Bool {
    let own = words.prefix { ["--mine", "--reference", "--yes"].contains($0) }
    guard words.count > own.count else {
        throw StudyError("which lab? For example: \(kit.command) try 01 show")
    }
    let target = try theLab([words[own.count]], kit, "try 01")
    let flags = try Arguments(Array(own), flags: ["--mine", "--reference", "--yes"])
    let home = try home(flags)
    var rest = Array(words.dropFirst(own.count + 1))
    if rest.first == "--" { rest.removeFirst() }
    let command = TryCommand(kit: kit, screen: Screen(), lab: target.lab, home: home)
    try command.askBeforeAnAnswerIsShown(rest, sure: flags.has("--yes"))
    try command.run(rest)
}

func replay(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(
        words, options: ["--seed", "--size"], flags: ["--debug", "--mine", "--reference"])
    let target = try theLab(arguments.words, kit, "replay 10.4 --seed 7")
    guard target.steps.count < 2 else { throw StudyError("one step at a time") }
    let run = Replay.RunName(
        step: target.steps.first, seed: try arguments.number("--seed"),
        size: try arguments.number("--size"))
    let replay = Replay(kit: kit, screen: Screen(), lab: target.lab, home: try home(arguments))
    if arguments.has("--debug") { try replay.debug(run) } else { try replay.draw(run) }
    return true
}

/// `lab blame [--mine 06,10]`: all labs in which something was written, where none is named.
func blame(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(words, options: ["--mine"])
    let named = arguments.words + (arguments["--mine"].map { [$0] } ?? [])
    var labs = try targets(named, kit).map(\.lab)
    if labs.isEmpty {
        labs = try kit.labs.map(kit.lab).filter { lab in
            let starter = Starter(lab: lab)
            return try starter.files().contains {
                try Files.readText("\(lab.home)/\($0)") != starter.text($0)
            }
        }
    }
    // Lab 19 is the cluster itself, and has no part in it.
    labs.removeAll { $0.number == "19" }
    guard !labs.isEmpty else { throw StudyError("no part of yours has anything written in it yet") }
    return try Blame(kit: kit, screen: Screen()).run(labs.map(\.number))
}
