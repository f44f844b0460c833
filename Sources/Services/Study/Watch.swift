import Grading
import Linux
import PartPipe

/// `lab watch`: checks again each time a file of the lab is saved.
struct Watch {
    let kit: Kit
    let screen: Screen
    let lab: Lab
    let wishes: CheckCommand.Wishes

    private static let lookMilliseconds: UInt32 = 300

    /// The lab's files with what is in them.
    ///
    /// They are read each time, and no change is waited for to be announced: on a network file system nothing
    /// is announced, and times and sizes may be old, but opening a file asks the server.
    private func contents() -> [String: [UInt8]] {
        let names = ((try? Files.list(lab.home)) ?? []).filter {
            $0.hasSuffix(".swift") && !$0.hasPrefix(".")
        }
        return names.reduce(into: [:]) { all, name in
            all[name] = try? Files.read("\(lab.home)/\(name)")
        }
    }

    /// Until Ctrl-C.
    func run() throws {
        while true {
            let seen = settled()
            do { _ = try CheckCommand(kit, screen).run(lab, wishes) } catch let error as StudyError
            {
                screen.say("lab: \(error)")
            }
            try wait(whileSame: seen)
        }
    }

    /// The contents once they stand still: an editor may write several files, or one in pieces.
    private func settled() -> [String: [UInt8]] {
        var before = contents()
        while !Interruption.came {
            usleep(50_000)
            let now = contents()
            if now == before { return now }
            before = now
        }
        return before
    }

    private func wait(whileSame seen: [String: [UInt8]]) throws {
        let what = wishes.steps.isEmpty ? "all steps" : wishes.steps.joined(separator: ", ")
        screen.say()
        screen.say(
            screen.dim(
                "waiting for a change in Labs/\(lab.folder)/*.swift to check \(what) again; Ctrl-C ends"
            ))
        while true {
            usleep(Self.lookMilliseconds * 1000)
            if Interruption.came { throw Interrupted() }
            let now = contents()
            guard now != seen else { continue }
            let changed = Set(now.keys).union(seen.keys).filter { now[$0] != seen[$0] }.sorted()
            // The older verdicts stay to be read, above a line that says that they are old.
            let line =
                "\(Moment.text(Clock.unixSeconds(), "%H:%M:%S")) UTC, \(changed.joined(separator: ", ")) changed"
            screen.say()
            screen.say(
                screen.bold(
                    "-- \(line) "
                        + String(repeating: "-", count: max(3, screen.width - line.count - 4))))
            screen.say()
            return
        }
    }
}
