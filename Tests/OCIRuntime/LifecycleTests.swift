import JSON
import Linux
import Testing

@testable import OCIRuntime

@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"), .serialized)
struct LifecycleTests {
    @Test func aContainerIsCreatedStartedKilledAndDeleted() throws {
        let box = try Box("/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done")
        _ = try box.create()
        #expect(try box.status() == "created")
        #expect(try box.runtime("start", box.id).code == 0)
        #expect(try box.status() == "running")
        let refused = try box.runtime("delete", box.id)
        #expect(refused.code == 1)
        #expect(
            refused.errors
                == "runtime: container \(box.id): cannot delete a container that is running\n")
        usleep(100_000)
        #expect(try box.runtime("kill", box.id, "SIGTERM").code == 0)
        try box.wait { try box.status() == "stopped" }
        #expect(try box.runtime("delete", box.id).code == 0)
        #expect(try box.runtime("list", "--quiet").output == "")
    }

    @Test func theProgramDoesNotRunBeforeStart() throws {
        let box = try Box("/bin/sh", "-c", "echo ran > /tmp/ran") {
            $0.set("root", "readonly", to: false)
        }
        _ = try box.create()
        usleep(50_000)
        #expect(!Files.exists("\(box.directory)/rootfs/tmp/ran"))
        #expect(try box.runtime("start", box.id).code == 0)
        try box.wait { Files.exists("\(box.directory)/rootfs/tmp/ran") }
        let again = try box.runtime("start", box.id)
        #expect(again.code == 1)
        #expect(
            again.errors.hasPrefix(
                "runtime: container \(box.id): cannot start a container that is "))
    }

    @Test func execRunsInTheContainersNamespacesAndCgroups() throws {
        let box = try Box("/bin/sleep", "100") {
            $0.set("linux", "resources", to: ["pids": ["limit": 20]])
        }
        let pid = try box.create()
        _ = try box.runtime("start", box.id)
        let outcome = try box.runtime(
            "exec", "--user", "5:6", "--env", "COLOR=red", "--cwd", "/tmp", box.id, "/bin/sh", "-c",
            "id -u; id -g; echo $COLOR; pwd; readlink /proc/self/ns/net; grep -E '^0::|:pids:' /proc/self/cgroup; exit 9"
        )
        #expect(outcome.code == 9)
        let groups = try Files.readText("/proc/\(pid)/cgroup").split(separator: "\n").filter {
            $0.contains(":pids:") || $0.hasPrefix("0::")
        }
        #expect(
            try outcome.output
                == "5\n6\nred\n/tmp\n\(link("/proc/\(pid)/ns/net"))\n\(groups.joined(separator: "\n"))\n"
        )
    }

    @Test func limitsAreInTheControlFilesAndTheGroupGoesWithTheContainer() throws {
        let box = try Box("/bin/sleep", "100") {
            $0.set(
                "linux", "resources",
                to: [
                    "cpu": ["shares": 512, "quota": 50000, "period": 100000],
                    "memory": ["limit": 67_108_864], "pids": ["limit": 50],
                ])
        }
        let pid = try box.create()
        let record = try ContainerStore(root: "\(box.directory)/state").load(box.id)
        func read(_ controller: String, _ file: String) throws -> String? {
            guard
                let directory = record.controlGroups.first(where: {
                    $0.controllers.contains(controller)
                })
            else { return nil }
            #expect(try Files.readText("\(directory.path)/cgroup.procs") == "\(pid)\n")
            return try Files.readText("\(directory.path)/\(file)")
        }
        if record.controlGroups.allSatisfy({ $0.version == 1 }) {
            #expect(try read("cpu", "cpu.shares") == "512\n")
            #expect(try read("cpu", "cpu.cfs_quota_us") == "50000\n")
            #expect(try read("memory", "memory.limit_in_bytes") == "67108864\n")
        } else {
            #expect(try read("cpu", "cpu.max") == "50000 100000\n")
            #expect(try read("memory", "memory.max") == "67108864\n")
        }
        #expect(try read("pids", "pids.max") == "50\n")
        #expect(try box.runtime("delete", "--force", box.id).code == 0)
        for directory in record.controlGroups { #expect(!Files.exists(directory.path)) }
    }

    @Test func theKernelKillsWhatExceedsItsMemory() throws {
        let box = try Box("/bin/busybox", "tail", "/dev/zero") {
            $0.set("linux", "resources", to: ["memory": ["limit": 16_777_216, "swap": 16_777_216]])
        }
        #expect(try box.run().code == 128 + SIGKILL)
    }

    @Test func forcedDeletionEndsARunningContainerAndTakesAMissingOneForGone() throws {
        let box = try Box("/bin/sleep", "100")
        let pid = try box.create()
        #expect(try box.runtime("delete", "--force", box.id).code == 0)
        #expect(ProcessStat(pid)?.isAlive(startedAt: ProcessStat(pid)?.startTime ?? 0) != true)
        #expect(try box.runtime("delete", "--force", box.id).code == 0)
        #expect(try box.runtime("delete", box.id).code == 1)
    }

    @Test func aTerminalsMasterComesOverTheConsoleSocket() throws {
        let box = try Box(
            "/bin/sh", "-c", "test -t 0 && test -t 1 && test -c /dev/console && exit 42"
        ) {
            $0.set("process", "terminal", to: true)
        }
        let path = "\(box.directory)/console"
        let listener = try UnixListener(path)
        let child = try Child.spawn(
            built("runtime"),
            [
                "runtime", "--root", "\(box.directory)/state", "run", "--bundle", box.directory,
                "--console-socket", path, box.id,
            ])
        let master = try listener.receiveDescriptor()
        #expect(isatty(master.raw) == 1)
        #expect(try child.wait() == .exited(42))
    }
}

/// A unix socket that listens at a path.
struct UnixListener: ~Copyable {
    private let socket: FileDescriptor

    init(_ path: String) throws {
        socket = FileDescriptor(owning: try check("listen at \(path)") { clinux_listen_unix(path) })
    }

    borrowing func receiveDescriptor() throws -> FileDescriptor {
        let raw = socket.raw
        let connection = FileDescriptor(owning: try check("accept") { clinux_accept_unix(raw) })
        let from = connection.raw
        return FileDescriptor(
            owning: try check("receive a descriptor") { clinux_receive_descriptor(from) })
    }
}

@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"), .serialized)
struct OrdinaryUsers {
    /// What an ordinary user sees, with the runtime where that user can read it.
    private func runAsNobody(_ box: Box, _ before: [String]) throws -> Outcome {
        chmod(box.directory, 0o777)
        let copy = "\(box.directory)/runtime"
        try Files.writeAtomically(try Files.read(built("runtime")), to: copy, mode: 0o755)
        let words =
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + before
            + [copy, "--root", "\(box.directory)/state", "run", "--bundle", box.directory, box.id]
        let result = try capture("/usr/bin/setpriv", words)
        return Outcome(
            code: result.ending.code, output: String(decoding: result.output, as: UTF8.self),
            errors: String(decoding: result.errors, as: UTF8.self))
    }

    /// As `runc spec --rootless`: group 5 is not mapped, so devpts gets no gid.
    private func leaveGroupsOut(_ config: inout JSON) {
        let mounts = config["mounts"]?.array ?? []
        config["mounts"] = .array(
            mounts.map { mount in
                var mount = mount
                let options = (mount["options"]?.array ?? []).filter { $0 != "gid=5" }
                mount["options"] = .array(options)
                return mount
            })
    }

    @Test func aContainerInAUserNamespaceOfItsOwn() throws {
        let box = try Box("/bin/sh", "-c", "id -u; echo x > /dev/null && cat /proc/self/uid_map") {
            config in
            leaveGroupsOut(&config)
            config.setNamespace("user")
            let map: JSON = [["containerID": 0, "hostID": 65534, "size": 1]]
            config.set("linux", "uidMappings", to: map)
            config.set("linux", "gidMappings", to: map)
        }
        let outcome = try runAsNobody(box, [])
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output == "0\n         0      65534          1\n")
    }

    @Test func aContainerInsideAUserNamespaceThatWasThereBefore() throws {
        let box = try Box(
            "/bin/sh", "-c", "id -u; echo x > /dev/null && echo $$", edit: leaveGroupsOut)
        let outcome = try runAsNobody(
            box, ["unshare", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc"])
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output == "0\n1\n")
    }

    @Test func limitsThatCannotBeSetAreAnError() throws {
        let box = try Box("/bin/true") { config in
            leaveGroupsOut(&config)
            config.set("linux", "resources", to: ["memory": ["limit": 67_108_864]])
        }
        let outcome = try runAsNobody(
            box, ["unshare", "--map-root-user", "--mount", "--pid", "--fork"])
        #expect(outcome.code == 1)
        #expect(
            outcome.errors.hasSuffix(
                ": Permission denied: linux.resources asks for limits, and this cgroup can't be written\n"
            ))
    }
}
