import Grading
import Linux

/// `lab reset` and `lab diff`: the student's files beside the starter and the reference.
struct OwnFiles {
    let kit: Kit
    let screen: Screen
    let lab: Lab

    /// Puts the starter back; what was there is kept, numbered, outside the module.
    func reset() throws {
        let starter = Starter(lab: lab)
        let changed = try starter.files().filter { file in
            (try? Files.readText("\(lab.home)/\(file)")) != (try starter.text(file))
        }
        let surplus = try Files.list(lab.home).filter { $0.hasSuffix(".swift") }
            .filter { try !starter.files().contains($0) }
        guard !changed.isEmpty || !surplus.isEmpty else {
            return screen.say("Lab \(lab.number) is as it was at the start: nothing to do.")
        }
        let kept = "\(Progress.folder(lab))/kept"
        try Files.makeDirectories(kept)
        for file in changed + surplus {
            let path = "\(lab.home)/\(file)"
            if Files.exists(path) {
                let copy = Self.free("\(kept)/\(file)")
                try Files.writeAtomically(Files.read(path), to: copy)
                screen.say("kept   \(copy.dropFirst(kit.root.count + 1))")
            }
            if surplus.contains(file) {
                try check("remove \(path)") { unlink(path) }
                screen.say("removed Labs/\(lab.folder)/\(file), which is not the kit's")
            } else {
                try Files.writeAtomically(Array(starter.text(file).utf8), to: path)
                screen.say("reset  Labs/\(lab.folder)/\(file)")
            }
        }
        Ownership.giveBack([Progress.folder(lab), lab.home], kit)
        screen.say("What you passed stays passed.")
    }

    /// `Rollout.swift.1`, or the first number that is free.
    private static func free(_ path: String) -> String {
        var number = 1
        while Files.exists("\(path).\(number)") { number += 1 }
        return "\(path).\(number)"
    }

    /// Shows how the student's files differ from the reference.
    /// - Parameters:
    ///   - steps: only these holes; all files where there are none.
    ///   - sure: whether not to ask before a step is shown that has not passed.
    func diff(_ steps: [String], sure: Bool) throws {
        let card = try lab.card()
        let shown = steps.isEmpty ? card.steps.filter { $0.file != nil }.map(\.number) : steps
        let progress = Progress(kit)
        let open = shown.filter { !progress.hasPassed($0) }
        if !open.isEmpty, !sure {
            let what = open.count == 1 ? "Step \(open[0]) has" : "\(open.count) of these steps have"
            screen.say("\(what) not passed yet, and this shows the answer.")
            let taken = open.map(progress.hintsTaken).reduce(0, +)
            let all = open.map { card.step($0)?.hints.count ?? 0 }.reduce(0, +)
            if taken < all {
                screen.say("\(all - taken) hints are left: \(kit.command) hint \(open[0])")
            }
            guard screen.asks("Show it all the same?") else {
                throw StudyError("not shown; --yes shows it without asking")
            }
        }
        var same = true
        for file in try Starter(lab: lab).files() {
            let holes = card.steps.filter { $0.file == file && shown.contains($0.number) }.map(
                \.number)
            if !steps.isEmpty, holes.isEmpty { continue }
            same = try !differs(file, steps.isEmpty ? nil : holes) && same
        }
        if same { screen.say("No difference.") }
    }

    /// - Parameter holes: the steps whose holes are compared; nil for the whole file.
    private func differs(_ file: String, _ holes: [String]?) throws -> Bool {
        func text(_ path: String) throws -> String {
            let whole = (try? Files.readText(path)) ?? ""
            guard let holes else { return whole }
            return holes.map { step in
                "// step \(step)\n"
                    + Holes(whole).contents(of: step).joined().map { "\($0)\n" }.joined()
            }.joined()
        }
        let folder = "\(kit.scratch)/diff/\(getpid())"
        try Files.makeDirectories(folder)
        defer { try? Files.removeTree(folder) }
        try Files.write(text("\(lab.home)/\(file)"), to: "\(folder)/mine")
        try Files.write(text("\(lab.solution)/\(file)"), to: "\(folder)/reference")
        let result = try capture(
            "diff",
            [
                "diff", "-u", "--color=\(screen.hasColours ? "always" : "never")",
                "--label", "Labs/\(lab.folder)/\(file)", "--label",
                "Solutions/\(lab.folder)/\(file)",
                "\(folder)/mine", "\(folder)/reference",
            ])
        screen.emit(String(decoding: result.output + result.errors, as: UTF8.self))
        return result.ending.code != 0
    }
}
