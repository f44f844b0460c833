import Grading
import Linux

/// A command's words after its name; the answer is whether all is well, which is the exit status.
public typealias StudyCommand = @Sendable (Kit, [String]) throws -> Bool

/// What the programs `study` and `proving` are asked for: `Labs/lab` hands their commands over to them.
public func studyMain(_ commands: [String: StudyCommand]) -> Never {
    Interruption.listen()
    // No part may open its descriptors in /proc: what it prints is the grade.
    _ = clinux_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    let kit = Kit(root: environmentVariable("DRYDOCK_ROOT") ?? ".")
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
        guard let name = arguments.first, let command = commands[name] else {
            throw StudyError("the commands are: \(commands.keys.sorted().joined(separator: ", "))")
        }
        let words = Array(arguments.dropFirst())
        // What follows `try NN` is the tried program's own.
        let isAsked =
            name == "try"
            ? words.first == "--help" : words.contains { $0 == "--help" || $0 == "-h" }
        if isAsked, let help = Help.text(name, command: kit.command) {
            Screen(width: 80).say(indented: 0, help)
            exit(0)
        }
        exit(try command(kit, words) ? 0 : 1)
    } catch is Interrupted {
        printError("\nlab: stopped")
        exit(130)
    } catch {
        // Apart from 1, which says that some step does not hold.
        printError("lab: \(error)")
        exit(2)
    }
}

/// What those who do the labs ask for, by name.
public let studentCommands: [String: StudyCommand] = [
    "list": list, "start": start, "hint": hint, "progress": progress, "reset": reset, "diff": diff,
    "watch": watch, "try": tryPart, "replay": replay, "blame": blame, "check": check,
    "report": report, "clean": clean, "build-variant": buildVariant,
]

/// `10`, `10.3`, `rollout`: labs, and steps of theirs.
func targets(_ words: [String], _ kit: Kit) throws -> [(lab: Lab, steps: [String])] {
    var found: [(lab: Lab, steps: [String])] = []
    for word in words.flatMap({ $0.split(separator: ",").map(String.init) }) {
        let pieces = word.split(separator: ".", maxSplits: 1).map(String.init)
        let lab = try kit.lab(pieces.first ?? word)
        let step = pieces.count > 1 ? ["\(lab.number).\(pieces[1])"] : []
        if let last = found.lastIndex(where: { $0.lab.folder == lab.folder }) {
            found[last].steps += step
        } else {
            found.append((lab, step))
        }
    }
    return found
}

/// `--mine`, the default, or `--reference`; the suite of the handouts makes the reference the default.
func home(_ arguments: Arguments) throws -> CheckCommand.Home {
    if arguments.has("--mine"), arguments.has("--reference") {
        throw StudyError("--mine or --reference, not both")
    }
    if arguments.has("--mine") { return .mine }
    let isReference =
        arguments.has("--reference") || environmentVariable("DRYDOCK_HOME") == "reference"
    return isReference ? .reference : .mine
}

private func check(_ kit: Kit, _ words: [String]) throws -> Bool {
    let arguments = try Arguments(
        words, options: ["--seed", "--seeds", "--format", "--from"],
        flags: ["--mine", "--reference", "--live"])
    let labs = try targets(arguments.words, kit)
    guard !labs.isEmpty else {
        throw StudyError(
            "which lab? For example: \(kit.command) check 01, or one step: \(kit.command) check 01.1"
        )
    }
    let format = try ReportFormat(named: arguments["--format"])
    guard format == .terminal || labs.count == 1 else {
        throw StudyError("--format \(format.rawValue) is for one lab at a time")
    }
    var wishes = CheckCommand.Wishes()
    wishes.home = try home(arguments)
    if let folder = arguments["--from"] {
        guard labs.count == 1 else { throw StudyError("--from is for one lab at a time") }
        wishes.home = .folder(
            folder.hasPrefix("/") ? folder : "\(environmentVariable("PWD") ?? ".")/\(folder)")
    }
    wishes.isLive = arguments.has("--live")
    wishes.seed = try arguments.number("--seed")
    wishes.seedCount = try arguments.number("--seeds", from: 1)
    var fine = true
    for (index, target) in labs.enumerated() {
        wishes.steps = target.steps
        let screen = Screen(descriptor: format == .terminal ? 1 : 2)
        if index > 0 { screen.say() }
        let report = try CheckCommand(kit, screen).run(target.lab, wishes)
        if format != .terminal { Screen().emit(format.text(report)) }
        fine = fine && report.allPass
    }
    return fine
}
