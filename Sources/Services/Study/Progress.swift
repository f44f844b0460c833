import Grading
import JSON
import Linux

/// What the student has done, in `Labs/.progress.json`, with the last passing version of each file beside it.
///
/// It lies among the labs, not in the cluster's state or in the build, so neither `lab down --purge` nor a new
/// version of the kit takes it away. It is replaced as a whole, so a check that is killed leaves the old one or
/// the new one. Members that this version doesn't know stay as they are.
public struct Progress {
    static let schema = "drydock.progress/1"
    let kit: Kit
    private(set) var tree: JSON

    private static func path(_ kit: Kit) -> String { "\(kit.root)/Labs/.progress.json" }
    /// Where the last passing versions are, and what `lab reset` took away.
    static func folder(_ lab: Lab) -> String { "\(lab.root)/Labs/.progress/\(lab.folder)" }

    public init(_ kit: Kit) {
        self.kit = kit
        tree = (try? JSON(parsing: Files.read(Self.path(kit)))) ?? ["schema": .string(Self.schema)]
    }

    /// Changes the file, one process at a time.
    static func update(_ kit: Kit, _ change: (inout Progress) throws -> Void) throws {
        try Files.makeDirectories("\(kit.root)/Labs/.progress")
        let turn = try Turn.take("\(kit.root)/Labs/.progress/lock") {}
        try keepIfUnreadable(kit)
        var progress = Progress(kit)
        try change(&progress)
        try Files.writeAtomically(Array(progress.tree.prettyText.utf8), to: path(kit))
        turn.end()
        Ownership.giveBack(["\(kit.root)/Labs/.progress.json", "\(kit.root)/Labs/.progress"], kit)
    }

    /// A file that is no JSON is put aside, never overwritten.
    private static func keepIfUnreadable(_ kit: Kit) throws {
        guard let bytes = try? Files.read(path(kit)), (try? JSON(parsing: bytes)) == nil else {
            return
        }
        let aside = "\(path(kit)).unreadable-\(Clock.unixSeconds())"
        try check("rename \(path(kit))") { rename(path(kit), aside) }
        printError("lab: \(path(kit)) could not be read; it is now \(aside), and a new one begins")
    }

    // MARK: Reading

    func step(_ number: String) -> JSON? {
        tree.at("labs", String(number.prefix(2)), "steps", number)
    }
    /// Whether it has ever passed.
    public func hasPassed(_ step: String) -> Bool { self.step(step)?["passed"] != nil }
    /// The most points that the step has earned.
    public func earned(_ step: String) -> Int { self.step(step)?["points"]?.int ?? 0 }
    public func hintsTaken(_ step: String) -> Int { self.step(step)?["hints"]?.int ?? 0 }
    func earned(in card: LabCard) -> Int { card.steps.map { earned($0.number) }.reduce(0, +) }

    // MARK: Writing

    /// Notes a verdict on the student's part. What was passed once stays passed; `last` says what holds now.
    /// What the machine or the kit is to blame for is noted nowhere.
    mutating func note(_ report: StepReport, earned points: Int) {
        if report.verdict == .environment || report.verdict == .error { return }
        change(report.step) { entry in
            entry["attempts"] = JSON((entry["attempts"]?.int ?? 0) + 1)
            entry["last"] = .string(report.verdict.rawValue)
            guard report.verdict == .pass else { return }
            if entry["passed"] == nil { entry["passed"] = .string(Moment.now()) }
            entry["points"] = JSON(max(points, entry["points"]?.int ?? 0))
        }
    }

    mutating func noteHint(_ step: String, level: Int) {
        change(step) { $0["hints"] = JSON(max(level, $0["hints"]?.int ?? 0)) }
    }

    mutating func notePrediction(_ lab: Lab, _ question: String, _ answer: String) {
        var predictions = tree.at("labs", lab.number, "predictions")?.array ?? []
        predictions.append([
            "date": .string(Moment.now()), "question": .string(question), "answer": .string(answer),
        ])
        changeLab(lab.number) { $0["predictions"] = .array(predictions) }
    }

    func predictions(_ lab: Lab) -> [JSON] {
        tree.at("labs", lab.number, "predictions")?.array ?? []
    }

    mutating func noteStart(_ lab: Lab) {
        changeLab(lab.number) { if $0["started"] == nil { $0["started"] = .string(Moment.now()) } }
    }

    private mutating func change(_ step: String, _ body: (inout JSON) -> Void) {
        changeLab(String(step.prefix(2))) { lab in
            var steps = lab["steps"] ?? .object(JSONObject())
            var entry = steps[step] ?? .object(JSONObject())
            body(&entry)
            steps[step] = entry
            lab["steps"] = steps
        }
    }

    private mutating func changeLab(_ number: String, _ body: (inout JSON) -> Void) {
        var labs = tree["labs"] ?? .object(JSONObject())
        var lab = labs[number] ?? .object(JSONObject())
        body(&lab)
        labs[number] = lab
        tree["labs"] = labs
    }

    /// Keeps a copy of each file whose steps hold, unless this check has shown that the copy that is there holds more.
    ///
    /// Only the steps that were asked about can show it: a student who goes on with one step at a time has the file kept
    /// each time, and what is noted beside it is all that its versions were seen to hold.
    /// - Parameter reports: the verdicts of one check.
    mutating func keepFiles(_ lab: Lab, _ card: LabCard, _ reports: [StepReport]) throws {
        let folder = Self.folder(lab)
        for file in Set(card.steps.compactMap(\.file)).sorted() {
            let judged = reports.filter { card.step($0.step)?.file == file }
            let passing = Set(judged.filter { $0.verdict == .pass }.map(\.step))
            let known = tree.at("labs", lab.number, "files", file, "steps")?.array ?? []
            let kept = Set(known.compactMap(\.string))
            // What could not be run says nothing about the file.
            let asked = judged.filter { $0.verdict != .environment && $0.verdict != .error }
            guard !passing.isEmpty, !judged.contains(where: { $0.verdict == .fail }),
                passing.isSuperset(of: kept.intersection(asked.map(\.step)))
            else { continue }
            try Files.makeDirectories(folder)
            try Files.writeAtomically(Files.read("\(lab.home)/\(file)"), to: "\(folder)/\(file)")
            changeLab(lab.number) { lab in
                var files = lab["files"] ?? .object(JSONObject())
                files[file] = [
                    "date": .string(Moment.now()),
                    "steps": .array(passing.union(kept).sorted().map { .string($0) }),
                ]
                lab["files"] = files
            }
        }
    }
}

/// One at a time: flock(2) on a file, which ends with the process, however it ends.
package struct Turn: ~Copyable {
    private let file: FileDescriptor

    /// - Parameter waiting: called where another one is at it, before waiting for it.
    package static func take(_ path: String, waiting: () -> Void) throws -> Turn {
        let turn = Turn(file: try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o666))
        if flock(turn.file.raw, LOCK_EX | LOCK_NB) != 0 {
            waiting()
            while flock(turn.file.raw, LOCK_EX) != 0 {
                if Interruption.came { throw Interrupted() }
            }
        }
        return turn
    }

    /// Lets the next one have its turn.
    package consuming func end() {}
}

/// Under sudo, what is made in somebody's tree is given to whom the tree belongs.
enum Ownership {
    static func giveBack(_ paths: [String], _ kit: Kit) {
        var status = stat()
        guard geteuid() == 0, stat(kit.root, &status) == 0, status.st_uid != 0 else { return }
        let owner = "\(status.st_uid):\(status.st_gid)"
        _ = try? capture("chown", ["chown", "-R", "-h", "--from=0", owner] + paths)
    }
}
