import JSON
import Linux
import Testing

@testable import OCIRuntime

/// Each wrong thing that a user may say or leave out, and the sentence that answers it.
@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"))
struct BadInputTests {
    private func expect(
        _ box: Box, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try box.run()
        #expect(outcome.code == 1, sourceLocation: sourceLocation)
        #expect(outcome.errors == "runtime: \(message)\n", sourceLocation: sourceLocation)
        #expect(
            try box.runtime("list", "--quiet").output == "", "nothing is left",
            sourceLocation: sourceLocation)
    }

    @Test func aBundleWithoutAConfiguration() throws {
        let box = try Box("/bin/true")
        unlink("\(box.directory)/config.json")
        try expect(
            box,
            "bundle \(box.directory): no config.json in it: make one with `runtime spec`, or name the bundle with --bundle"
        )
    }

    @Test func aBundleThatIsNotThere() throws {
        let box = try Box("/bin/true")
        let outcome = try box.runtime("create", "--bundle", "/no/such/bundle", box.id)
        #expect(outcome.errors == "runtime: bundle /no/such/bundle: No such file or directory\n")
    }

    @Test func aConfigurationThatIsNoJSONSaysLineAndColumn() throws {
        let box = try Box("/bin/true")
        try Files.write(
            "{\n  \"ociVersion\": \"1.0.2\",\n  process\n}\n", to: "\(box.directory)/config.json")
        try expect(
            box, "\(box.directory)/config.json: line 3, column 3: expected a member name in quotes")
    }

    @Test func aMemberOfTheWrongTypeIsNamed() throws {
        let box = try Box("/bin/true") { $0.set("process", "args", to: "/bin/true") }
        try expect(box, "\(box.directory)/config.json: process.args: expected array, found string")
    }

    @Test func anUnknownNamespace() throws {
        let box = try Box("/bin/true") { $0.setNamespace("planet") }
        let outcome = try box.run()
        #expect(outcome.code == 1)
        #expect(
            outcome.errors.hasPrefix(
                "runtime: \(box.directory)/config.json: linux.namespaces[5].type: "))
        #expect(outcome.errors.contains("planet"))
    }

    @Test func aNamespaceTwice() throws {
        let box = try Box("/bin/true") { config in
            let list = config.at("linux", "namespaces")!.array!
            config.set("linux", "namespaces", to: .array(list + [["type": "pid"]]))
        }
        try expect(box, "linux.namespaces: pid is there twice")
    }

    @Test func anUnknownCapability() throws {
        let box = try Box("/bin/true") {
            $0.set("process", "capabilities", to: ["bounding": ["CAP_FLY"]])
        }
        try expect(
            box,
            "process.capabilities: unknown capability \"CAP_FLY\": see capabilities(7) for the names"
        )
    }

    @Test func anUnknownSeccompAction() throws {
        let box = try Box("/bin/true") {
            $0.set("linux", "seccomp", to: ["defaultAction": "SCMP_ACT_WISH"])
        }
        try expect(box, "linux.seccomp: unknown action \"SCMP_ACT_WISH\"")
    }

    @Test func aRootThatIsMissing() throws {
        let box = try Box("/bin/true") { $0["root"] = ["path": "nowhere"] }
        try expect(
            box, "\(box.directory)/config.json: root.path: \(box.directory)/nowhere is no directory"
        )
    }

    @Test func aProgramThatIsMissing() throws {
        try expect(try Box("/bin/nothing"), "exec: \"/bin/nothing\": No such file or directory")
        try expect(try Box("nothing"), "exec: \"nothing\": executable file not found in $PATH")
    }

    @Test func aProgramThatIsNone() throws {
        let box = try Box("/tmp/text")
        try Files.write("no program", to: "\(box.directory)/rootfs/tmp/text", mode: 0o755)
        try expect(box, "exec: \"/tmp/text\": Exec format error")
    }

    @Test func aWorkingDirectoryThatIsNone() throws {
        let box = try Box("/bin/true") { $0.set("process", "cwd", to: "/bin/busybox") }
        try expect(box, "change directory: chdir(\"/bin/busybox\"): Not a directory")
    }

    @Test func aVolumeThatIsMissing() throws {
        let box = try Box("/bin/true") { config in
            config["mounts"] = [["destination": "/v", "source": "/no/volume", "type": "bind"]]
        }
        try expect(box, "mounts[0].source: /no/volume does not exist")
    }

    @Test func anUnknownResourceLimit() throws {
        let box = try Box("/bin/true") {
            $0.set("process", "rlimits", to: [["type": "RLIMIT_WISHES", "soft": 3, "hard": 3]])
        }
        try expect(box, "set resource limits: setrlimit RLIMIT_WISHES: Invalid argument")
    }

    @Test func aLimitThatTheKernelRefuses() throws {
        let box = try Box("/bin/true") {
            $0.set("linux", "resources", to: ["cpu": ["quota": 50000, "period": 7]])
        }
        let outcome = try box.run()
        #expect(outcome.code == 1)
        // Version 2 has both in one file.
        #expect(outcome.errors.hasPrefix("runtime: write \"\(isUnified ? "50000 7" : "7")"))
        #expect(outcome.errors.hasSuffix(": Invalid argument\n"))
    }

    @Test func whatTheRuntimeDoesNotDoIsRefusedAndNotLeftOut() throws {
        let hooks = try Box("/bin/true") { $0["hooks"] = ["poststart": [["path": "/bin/true"]]] }
        try expect(
            hooks, "\(hooks.directory)/config.json: hooks.poststart: this runtime runs no hooks")
        let label = try Box("/bin/true") { $0.set("process", "selinuxLabel", to: "a:b:c") }
        try expect(
            label,
            "\(label.directory)/config.json: process.selinuxLabel: this runtime sets no SELinux labels"
        )
    }

    @Test func anIdThatIsTaken() throws {
        let box = try Box("/bin/sleep", "100")
        _ = try box.create()
        let outcome = try box.run()
        #expect(outcome.code == 1)
        #expect(
            outcome.errors
                == "runtime: container \(box.id) exists already: delete it, or use another id\n")
        #expect(try box.status() == "created")
    }

    @Test(arguments: ["../up", "", "a b", ".."])
    func anIdThatIsNone(_ id: String) throws {
        let outcome = try Box("/bin/true").runtime("state", id)
        #expect(outcome.code == 1)
        #expect(
            outcome.errors
                == "runtime: \"\(id)\" is no container id: use letters, digits and _ + - .\n")
    }

    @Test func aContainerThatIsNotThere() throws {
        let box = try Box("/bin/true")
        for command in ["state", "start", "kill", "delete"] {
            let outcome = try box.runtime(command, "nobody")
            #expect(
                outcome.errors
                    == "runtime: container nobody does not exist below \(box.directory)/state\n")
        }
    }

    @Test func aCommandLineThatIsNone() throws {
        let box = try Box("/bin/true")
        #expect(
            try box.runtime("dance").errors == "runtime: unknown command \"dance\"; see --help\n")
        #expect(
            try box.runtime("create", "--wings", "x").errors
                == "runtime: unknown option --wings; see --help\n")
        #expect(
            try box.runtime("create").errors
                == "runtime: the container's id is missing; see --help\n")
        #expect(
            try box.runtime("kill", box.id, "JUMP").errors
                == "runtime: \"JUMP\" is no signal; see --help\n")
        #expect(try box.runtime("dance").code == 2)
    }

    @Test func anErrorIsInTheLogAsJSONToo() throws {
        let box = try Box("/bin/true")
        let log = "\(box.directory)/log"
        _ = try box.runtime("--log", log, "--log-format", "json", "state", "nobody")
        let line = try JSON(parsing: try Files.read(log))
        #expect(line["level"]?.string == "error")
        #expect(
            line["msg"]?.string == "container nobody does not exist below \(box.directory)/state")
    }
}

/// What goes wrong after `start`, when nobody waits for the runtime's answer any more.
@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"))
struct LateFailures {
    @Test func aProgramThatIsNoneSaysSoInTheContainersOwnOutput() throws {
        let box = try Box("/tmp/text")
        try Files.write("no program", to: "\(box.directory)/rootfs/tmp/text", mode: 0o755)
        let output = try FileDescriptor.open("\(box.directory)/output", O_WRONLY | O_CREAT)
        let child = try Child.spawn(
            built("runtime"),
            [
                "runtime", "--root", "\(box.directory)/state", "create", "--bundle", box.directory,
                box.id,
            ], descriptors: [2: output.raw])
        #expect(try child.wait() == .exited(0))
        #expect(try box.runtime("start", box.id).code == 0)
        try box.wait { try box.status() == "stopped" }
        #expect(
            try Files.readText("\(box.directory)/output")
                == "runtime: exec: \"/tmp/text\": Exec format error\n")
    }
}
