import JSON
import Linux
import Testing

@testable import OCIRuntime

/// Parts 01 and 02 as programs of their own, asked by a runtime that makes real containers.
@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"), .serialized)
struct StudentPartTests {
    /// A program that the runtime can start without arguments.
    private func script(_ box: Box, _ text: String) throws -> String {
        let path = "\(box.directory)/part"
        try Files.write("#!/bin/sh\n\(text)\n", to: path, mode: 0o755)
        return path
    }

    @Test func aPartBehindThePipeMakesTheSameContainer() throws {
        let look =
            "cut -d' ' -f5- /proc/self/mountinfo; hostname; ls /; readlink /proc/self/ns/pid | head -c 3"
        let box = try Box("/bin/busybox", "sh", "-c", look)
        let direct = try box.run()
        let part = try script(box, "exec \(built("namespaces")) part")
        let piped = try box.run("DRYDOCK_PART_01=\(part)")
        #expect(piped.code == 0, "\(piped.errors)")
        #expect(piped.output == direct.output)
    }

    @Test func aPartBehindThePipeSetsTheLimits() throws {
        // Lets go of the output, whose end the test waits for.
        let box = try Box("/bin/sh", "-c", "exec sleep 100 >/dev/null 2>&1") {
            $0.set("linux", "resources", to: ["pids": ["limit": 33]])
        }
        let part = try script(box, "exec \(built("cgroups")) part")
        let outcome = try box.runtime(
            "run", "--detach", "--bundle", box.directory, box.id,
            environment: ["DRYDOCK_PART_02=\(part)"])
        #expect(outcome.code == 0, "\(outcome.errors)")
        let record = try ContainerStore(root: "\(box.directory)/state").load(box.id)
        let pids = try #require(record.controlGroups.first { $0.controllers.contains("pids") })
        #expect(try Files.readText("\(pids.path)/pids.max") == "33\n")
    }

    @Test(arguments: [
        ("01", "cloneFlags", "step 01.2 is not written yet"),
        ("02", "controlFiles", "step 02.\(isUnified ? 4 : 3) is not written yet"),
    ])
    func aStarterIsNamedWithItsStep(_ lab: String, _ question: String, _ failure: String) throws {
        let box = try Box("/bin/true") { $0.set("linux", "resources", to: ["pids": ["limit": 33]]) }
        let outcome = try box.run("DRYDOCK_PART_\(lab)=\(built("part-\(lab)"))")
        #expect(outcome.code == 1)
        #expect(outcome.errors == "runtime: lab \(lab), your part: \(failure)\n")
        #expect(try box.runtime("list", "--quiet").output == "")
    }

    @Test func aPartThatCrashesIsNamedWithItsLastWords() throws {
        let box = try Box("/bin/true")
        let part = try script(box, "echo oh no >&2; exit 3")
        let outcome = try box.run("DRYDOCK_PART_01=\(part)")
        #expect(outcome.code == 1)
        #expect(
            outcome.errors
                == "runtime: lab 01, your part: the part's program exited with status 3; its last words:\noh no\n"
        )
    }

    @Test func aPartThatDoesNotPivotIsCaughtBeforeTheProgramRuns() throws {
        let box = try Box("/bin/sh", "-c", "echo escaped")
        // Answers each question as if all were done: CLONE_NEWNS and its like, then nothing.
        let part = try script(
            box,
            """
            while read -r line <&3; do
              id=$(echo "$line" | sed 's/.*"id":\\([0-9]*\\).*/\\1/')
              case "$line" in
                *cloneFlags*) echo "{\\"id\\":$id,\\"answer\\":\(0x6C02_0000)}" >&3 ;;
                *) echo "{\\"id\\":$id,\\"answer\\":{}}" >&3 ;;
              esac
            done
            """)
        let outcome = try box.run("DRYDOCK_PART_01=\(part)")
        #expect(outcome.code == 1)
        #expect(
            outcome.errors
                == "runtime: enter root: part 01 returned without pivot_root: the host's root is still there\n"
        )
        #expect(outcome.output == "")
    }
}
