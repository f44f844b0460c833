import Grading
import Linux
import Testing

@testable import Study

/// What goes on while a check runs: files that are saved, and signals that nobody can catch.
@Suite struct WatchTests {
    /// Starts the real program; what it prints goes into a file of the kit.
    private func start(_ small: SmallKit, _ words: [String]) throws -> Child {
        let output = try FileDescriptor.open("\(small.root)/output", O_WRONLY | O_CREAT | O_TRUNC)
        return try Child.spawn(
            SmallKit.program, ["study"] + words,
            environment: [
                "PATH=\(small.root)/tools:/usr/bin:/bin", "DRYDOCK_ROOT=\(small.root)",
                "DRYDOCK_BUILD=no", "DRYDOCK_COMMAND=lab",
            ],
            descriptors: [1: output.raw, 2: output.raw])
    }

    private func says(_ small: SmallKit, _ words: String, times: Int = 1) -> Bool {
        eventually(within: 60_000, every: 50) {
            let output = (try? Files.readText("\(small.root)/output")) ?? ""
            return output.split(separator: "\n").count { $0.contains(words) } >= times
        }
    }

    /// The judge passes what stands in the file, so that what is said comes from the file as it is saved.
    @Test func aSavedFileIsCheckedAgainAndWhatWasNotAskedForIsNotClaimed() throws {
        let small = try SmallKit()
        defer { small.remove() }
        try small.makeCheckable(
            judge: """
                if grep -q right \(small.root)/Labs/10-Small/A.swift
                then \(SmallKit.verdict("10.1", .pass))
                else \(SmallKit.verdict("10.1", .fail, "not right yet")); fi
                """)
        let watch = try start(small, ["watch", "10.1"])
        defer {
            watch.signal(SIGKILL)
            _ = try? watch.wait()
        }
        #expect(says(small, "not right yet"))
        #expect(says(small, "waiting for a change in Labs/10-Small/*.swift to check 10.1 again"))
        try small.write("right\n", to: "Labs/10-Small/A.swift.new")
        #expect(rename("\(small.root)/Labs/10-Small/A.swift.new", "\(small.root)/Labs/10-Small/A.swift") == 0)
        #expect(says(small, "A.swift changed"))
        #expect(says(small, "waiting for a change", times: 2))
        #expect(Progress(small.kit).hasPassed("10.1"))
        #expect(!Progress(small.kit).hasPassed("10.2"))
        watch.signal(SIGINT)
        #expect(try watch.wait().code == 130)
    }

    /// The file is written as a whole or not at all, and the lock goes with who held it.
    @Test func aCheckThatIsKilledLosesNothing() throws {
        let small = try SmallKit()
        defer { small.remove() }
        try small.makeCheckable(
            judge: SmallKit.verdict("10.1", .pass) + "\nif [ -e \(small.root)/slow ]; then exec sleep 96533; fi")
        #expect(try small.study(["check", "10"]).code == 0)
        let before = try Files.read("\(small.root)/Labs/.progress.json")
        let kept = try Files.readText("\(small.kept)/A.swift")
        try small.write("", to: "slow")
        let check = try start(small, ["check", "10"])
        #expect(says(small, "10.1"))
        check.signal(SIGKILL)
        _ = try check.wait()
        #expect(try Files.read("\(small.root)/Labs/.progress.json") == before)
        #expect(try Files.readText("\(small.kept)/A.swift") == kept)
        unlink("\(small.root)/slow")
        #expect(try small.study(["check", "10"]).code == 0)
        #expect(Progress(small.kit).step("10.1")?["attempts"]?.int == 2)
        killLeft("96533")
    }

    /// A real judge ends with its parent; this one is a shell script.
    private func killLeft(_ word: String) {
        for name in (try? Files.list("/proc")) ?? [] {
            guard let pid = pid_t(name), let line = try? Files.readText("/proc/\(name)/cmdline"),
                line.contains(word)
            else { continue }
            kill(pid, SIGKILL)
        }
    }

    /// The launcher's own command, in a tree with nothing but a state, and what a student has done.
    @Test(.enabled(if: Files.exists("\(HostileTests.root)/.build/release/lab")))
    func progressSurvivesAPurge() throws {
        let small = try SmallKit()
        defer { small.remove() }
        try small.check(["10.1": .pass])
        let before = try Files.read("\(small.root)/Labs/.progress.json")
        try small.write("", to: ".drydock/store/member")
        try Files.makeDirectories("\(small.root)/.build/release")
        let launcher = "\(small.root)/.build/release/lab"
        #expect(symlink("\(HostileTests.root)/.build/release/lab", launcher) == 0)
        try small.write(try Files.readText("\(HostileTests.root)/Labs/lab"), to: "Labs/lab", mode: 0o755)
        let result = try capture(
            "env",
            [
                "env", "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "DRYDOCK_BUILD=no",
                "\(small.root)/Labs/lab", "down", "--purge",
            ])
        #expect(result.ending.succeeded, "\(String(decoding: result.errors, as: UTF8.self))")
        #expect(!Files.exists("\(small.root)/.drydock/store"))
        #expect(try Files.read("\(small.root)/Labs/.progress.json") == before)
        #expect(Files.exists("\(small.kept)/A.swift"))
    }
}
