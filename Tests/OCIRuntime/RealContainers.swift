import JSON
import Linux
import Testing

@testable import OCIRuntime

/// Containers on the real kernel, looked at from outside where that can be.
@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"), .serialized)
struct RealContainers {
    @Test(arguments: [0, 3, 200])
    func theExitStatusIsTheProgramsOwn(_ status: Int32) throws {
        let outcome = try Box("/bin/sh", "-c", "exit \(status)").run()
        #expect(outcome.code == status)
        #expect(outcome.errors == "")
    }

    @Test func aSignalEndsAsAShellShowsIt() throws {
        // Process 1 of a namespace ignores signals from within, so its child is killed, and it says
        // so.
        let outcome = try Box("/bin/sh", "-c", "sh -c 'kill -9 $$'; exit $?").run()
        #expect(outcome.code == 128 + 9)
    }

    @Test func theProcessIsInNamespacesOfItsOwn() throws {
        let box = try Box("/bin/sleep", "100")
        let pid = try box.create()
        for kind in ["pid", "net", "ipc", "uts", "mnt"] {
            #expect(try link("/proc/\(pid)/ns/\(kind)") != link("/proc/self/ns/\(kind)"), "\(kind)")
        }
        #expect(try link("/proc/\(pid)/ns/user") == link("/proc/self/ns/user"))
    }

    @Test func whatIsMountedInsideIsNotSeenOutside() throws {
        let before = try Files.readText("/proc/self/mountinfo").split(separator: "\n").count
        let box = try Box("/bin/sleep", "100")
        let pid = try box.create()
        #expect(try Files.readText("/proc/self/mountinfo").split(separator: "\n").count == before)
        let inside = try Files.readText("/proc/\(pid)/mountinfo")
        #expect(inside.contains(" / / ro,") || inside.contains("/rootfs / ro,"))
        #expect(inside.contains(" /proc rw,"))
        let roots = inside.split(separator: "\n").count { $0.split(separator: " ")[4] == "/" }
        #expect(roots == 1, "an old root is still below")
    }

    @Test func theOldRootCannotBeReached() throws {
        let outcome = try Box("/bin/sh", "-c", "cd ../../../..; ls; ls /proc/1/root/").run()
        #expect(outcome.output == "bin\ndev\netc\nproc\nsys\ntmp\nbin\ndev\netc\nproc\nsys\ntmp\n")
    }

    @Test func capabilitiesLimitsAndFlagsAreAsAskedFor() throws {
        let box = try Box("/bin/sleep", "100") { config in
            config.set(
                "process", "user", to: ["uid": 1000, "gid": 1001, "additionalGids": [7, 8]])
            config.set("process", "oomScoreAdj", to: 321)
        }
        let pid = try box.create()
        let status = try Status(pid)
        // CAP_KILL 5, CAP_NET_BIND_SERVICE 10, CAP_AUDIT_WRITE 29
        #expect(status["CapBnd"] == "0000000020000420")
        #expect(status["CapPrm"] == "0000000020000420")
        #expect(status["CapEff"] == "0000000020000420")
        #expect(status["CapAmb"] == "0000000000000000")
        #expect(status["NoNewPrivs"] == "1")
        #expect(status["Seccomp"] == "0")
        #expect(status["Uid"] == "1000 1000 1000 1000")
        #expect(status["Gid"] == "1001 1001 1001 1001")
        #expect(status["Groups"] == "7 8")
        #expect(try Files.readText("/proc/\(pid)/oom_score_adj") == "321\n")
        let limits = try Files.readText("/proc/\(pid)/limits")
        #expect(limits.contains("Max open files            1024                 1024 "))
    }

    @Test func aSeccompProfileIsLoadedAndAnswersItsErrno() throws {
        // `SCMP_ARCH_X86_64`, `SCMP_ARCH_AARCH64`: the kernel's word for the machine, in capitals.
        let machine = try Files.readText("/proc/sys/kernel/arch").split(separator: "\n")[0]
            .uppercased()
        let box = try Box("/bin/sh", "-c", "grep Seccomp: /proc/self/status; mkdir /tmp/x") {
            config in
            config.set("root", "readonly", to: false)
            config.set(
                "linux", "seccomp",
                to: [
                    "defaultAction": "SCMP_ACT_ALLOW",
                    "architectures": [.string("SCMP_ARCH_\(machine)")],
                    "syscalls": [
                        [
                            "names": ["mkdir", "mkdirat", "no_such_call"],
                            "action": "SCMP_ACT_ERRNO", "errnoRet": 5,
                        ]
                    ],
                ])
        }
        let outcome = try box.run()
        #expect(outcome.output == "Seccomp:\t2\n")
        #expect(outcome.errors.contains("Input/output error"))
    }

    @Test func aReadOnlyRootAndProtectedPathsRefuseWrites() throws {
        let script =
            "echo x > /x; echo x > /proc/sys/kernel/hostname; cat /proc/keys | head -c 1; echo end"
        let outcome = try Box("/bin/sh", "-c", script).run()
        #expect(outcome.output == "end\n")
        #expect(outcome.errors.contains("can't create /x: Read-only file system"))
        #expect(
            outcome.errors.contains("can't create /proc/sys/kernel/hostname: Read-only file system")
        )
    }

    @Test func theDevicesWorkAndNoOthersAreThere() throws {
        let script =
            "echo x > /dev/null && ls /dev && head -c 4 /dev/zero | wc -c; cat /dev/stdin < /dev/null"
        let outcome = try Box("/bin/busybox", "sh", "-c", script).run()
        let core = Files.exists("/proc/kcore") ? ["core"] : []
        #expect(
            outcome.output.split(separator: "\n").map(String.init) == core + [
                "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin",
                "stdout", "tty",
                "urandom", "zero", "4",
            ])
    }

    @Test func aBindMountIsReadOnlyWhereItIsAskedToBe() throws {
        let box = try Box("/bin/sh", "-c", "cat /deep/down/file; echo x > /deep/down/new")
        try Files.makeDirectories("\(box.directory)/volume")
        try Files.write("hello\n", to: "\(box.directory)/volume/file")
        box.config["mounts"] = .array(
            (box.config["mounts"]?.array ?? []) + [
                [
                    "destination": "/deep/down", "source": "volume", "type": "bind",
                    "options": ["rbind", "ro", "nosuid"],
                ]
            ])
        try Files.write(box.config.text, to: "\(box.directory)/config.json")
        let outcome = try box.run()
        #expect(outcome.output == "hello\n")
        #expect(outcome.errors.contains("Read-only file system"))
    }

    @Test func aLinkInTheImageLeadsNoMountOut() throws {
        let outside = "/tmp/drydock-outside-\(getpid())"
        defer { try? Files.removeTree(outside) }
        let box = try Box("/bin/ls", outside) { config in
            config["mounts"] = .array(
                config["mounts"]!.array! + [
                    ["destination": "/trap/in", "source": "tmpfs", "type": "tmpfs"]
                ])
        }
        symlink("../../../../../../..\(outside)", "\(box.directory)/rootfs/trap")
        try Files.makeDirectories("\(box.directory)/rootfs\(outside)")
        let outcome = try box.run()
        #expect(outcome.code == 0, "\(outcome.errors)")
        #expect(outcome.output == "in\n", "the mount point was made inside")
        #expect(!Files.exists(outside), "and not outside")
    }

    @Test func aUserNamespaceMapsRootToAnotherUser() throws {
        let box = try Box("/bin/sleep", "100") { config in
            config.setNamespace("user")
            let map: JSON = [["containerID": 0, "hostID": 100_000, "size": 65536]]
            config.set("linux", "uidMappings", to: map)
            config.set("linux", "gidMappings", to: map)
        }
        chmod(box.directory, 0o755)
        let pid = try box.create()
        #expect(try Status(pid)["Uid"] == "100000 100000 100000 100000")
        #expect(try Status(pid)["Gid"] == "100000 100000 100000 100000")
    }

    @Test func othersJoinAPausesNamespacesByTheirPaths() throws {
        let pause = try Box("/bin/sleep", "100")
        let pid = try pause.create()
        let box = try Box(
            "/bin/sh", "-c", "readlink /proc/self/ns/net; readlink /proc/self/ns/uts; hostname"
        ) {
            for (kind, file) in [
                ("network", "net"), ("ipc", "ipc"), ("uts", "uts"), ("pid", "pid"),
            ] {
                $0.setNamespace(kind, path: "/proc/\(pid)/ns/\(file)")
            }
            $0["hostname"] = nil
        }
        let outcome = try box.run()
        #expect(
            try outcome.output
                == "\(link("/proc/\(pid)/ns/net"))\n\(link("/proc/\(pid)/ns/uts"))\ndrydock\n")
    }

    @Test(.enabled(if: runc != nil, "runc is not installed"))
    func theSameConfigurationLooksTheSameUnderRunc() throws {
        let script = """
            grep -E 'Cap|NoNew|Seccomp|Uid|Gid|Groups' /proc/self/status; ulimit -a; id; pwd; hostname; umask
            cut -d' ' -f4- /proc/self/mountinfo | grep -v cgroup | sed 's/ 0:[0-9]* / /' | grep -v kcore | sort
            env | sort; ls -l /dev | cut -c1-40; cat /proc/net/dev | wc -l; cat /proc/1/oom_score_adj
            """
        let box = try Box("/bin/busybox", "sh", "-c", script)
        let ours = try box.run()
        let theirs = try box.runWithRunc()
        #expect(ours.code == theirs.code)
        #expect(ours.output == theirs.output)
    }
}

/// /proc/PID/status.
struct Status {
    private let lines: [Substring]
    init(_ pid: pid_t) throws {
        lines = try Files.readText("/proc/\(pid)/status").split(separator: "\n")
    }
    /// A member's words, one space between them.
    subscript(_ name: String) -> String? {
        lines.first { $0.hasPrefix(name + ":") }?.dropFirst(name.count + 1)
            .split { $0 == "\t" || $0 == " " }.joined(separator: " ")
    }
}

func link(_ path: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let length = try check("readlink \(path)") { readlink(path, &buffer, buffer.count) }
    return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
}
