import JSON
import Linux
import Testing

@testable import OCIRuntime

extension JSON {
    /// One more mount at the end.
    mutating func addMount(_ mount: JSON) {
        self["mounts"] = .array((self["mounts"]?.array ?? []) + [mount])
    }

    mutating func addBind(_ source: String, _ destination: String, _ options: JSON = ["rbind"]) {
        addMount([
            "destination": .string(destination), "type": "bind", "source": .string(source),
            "options": options,
        ])
    }
}

extension Box {
    func rewrite(_ edit: (inout JSON) -> Void) throws {
        edit(&config)
        try Files.write(config.text, to: "\(directory)/config.json")
    }

    /// Runs it from a shell that has prepared something: `$RUN` is the runtime's command line.
    func run(after preparation: String, _ options: String = "", unshare: Bool = false) throws
        -> Outcome
    {
        let run =
            "exec \(built("runtime")) --root \(directory)/state run --bundle \(directory) \(options) \(id)"
        let shell =
            (unshare ? ["unshare", "-m"] : ["env"]) + ["bash", "-c", preparation + "\n" + run]
        let result = try capture("/usr/bin/\(shell[0])", shell)
        return Outcome(
            code: result.ending.code, output: String(decoding: result.output, as: UTF8.self),
            errors: String(decoding: result.errors, as: UTF8.self))
    }

    /// Processes whose command line has this box's name.
    func processes() -> [String] {
        ((try? Files.list("/proc")) ?? []).filter { pid in
            guard let own = Int32(pid), own != getpid() else { return false }
            return ((try? Files.readText("/proc/\(pid)/cmdline")) ?? "").contains(id)
        }
    }
}

/// A container against the machine: each is what somebody has done to a runtime, and fails without its guard.
@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"), .serialized)
struct AttackTests {
    // MARK: Mounts

    @Test(arguments: [
        "/proc", "/proc/self/attr", "/proc/sys", "/p", "/p/sys", "/proc/../proc/bus", "/q/proc",
    ])
    func nothingIsMountedOverProc(_ place: String) throws {
        let box = try Box("/bin/true")
        symlink("/proc", "\(box.directory)/rootfs/p")
        symlink("/", "\(box.directory)/rootfs/q")
        try Files.makeDirectories("\(box.directory)/fake/self/attr")
        try box.rewrite { $0.addBind("\(box.directory)/fake", place) }
        let outcome = try box.run()
        #expect(outcome.code == 1)
        #expect(
            outcome.errors.contains("nothing but a procfs may lie on /proc"), "\(outcome.errors)")
        try box.rewrite {
            $0["mounts"] = .array(Array(($0["mounts"]?.array ?? []).dropLast()))
            $0.addMount(["destination": .string(place), "type": "tmpfs", "source": "tmpfs"])
        }
        #expect(try box.run().code == 1)
    }

    @Test func nothingIsMountedOverProcBeforeItIsThere() throws {
        let box = try Box("/bin/true")
        try Files.makeDirectories("\(box.directory)/fake")
        try box.rewrite { config in
            let mounts = config["mounts"]?.array ?? []
            config["mounts"] = []
            config.addBind("\(box.directory)/fake", "/proc")
            config["mounts"] = .array((config["mounts"]?.array ?? []) + mounts)
        }
        #expect(try box.run().code == 1)
    }

    @Test(arguments: ["\u{301}", "\u{600}", "\u{200d}"])
    func aMarkBesideASlashLeadsNoMountOut(_ mark: String) throws {
        let box = try Box("/bin/true") { $0.set("root", "readonly", to: false) }
        try Files.makeDirectories("\(box.directory)/outside")
        symlink("\(box.directory)/outside", "\(box.directory)/rootfs/l")
        symlink("\(box.directory)/outside", "\(box.directory)/rootfs/l\(mark)")
        for place in ["/l/\(mark)x", "/l\(mark)/x", "/\(mark)/../../outside/x", "/\(mark)x/../l/y"]
        {
            try box.rewrite {
                $0["mounts"] = defaultSpec["mounts"]
                $0.addMount(["destination": .string(place), "type": "tmpfs", "source": "tmpfs"])
                $0.set("linux", "devices", to: [["path": .string("\(place)/d"), "type": "p"]])
            }
            _ = try box.run()
            #expect(try Files.list("\(box.directory)/outside") == [], "\(place)")
        }
    }

    @Test(arguments: ["file", "link"])
    func aMaskedPathIsHiddenBehindARealNullDeviceOrTheContainerIsRefused(_ kind: String) throws {
        let box = try Box("/bin/sh", "-c", "cat /proc/version") {
            $0["mounts"] = [["destination": "/proc", "type": "proc", "source": "proc"]]
            $0.set("linux", "maskedPaths", to: ["/proc/version"])
        }
        let root = "\(box.directory)/rootfs"
        try Files.write("SECRET", to: "\(root)/etc/secret")
        if kind == "file" {
            try Files.write("SECRET", to: "\(root)/dev/null")
        } else {
            symlink("/etc/secret", "\(root)/dev/null")
        }
        let outcome = try box.run()
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("/dev/null is there already, and is another thing"))
    }

    // MARK: The runtime's own file

    /// What an attacker does who sees the runtime's process: keep its /proc/PID/exe open, wait until nobody runs the
    /// file any more, write. Here nothing is written.
    @Test func nobodyCanWriteToTheRuntimeThroughItsProcess() throws {
        let box = try Box("/bin/sleep", "100")
        let pid = try box.create()
        let exe = try FileDescriptor.open("/proc/\(pid)/exe")
        #expect(try box.runtime("start", box.id).code == 0)
        try box.wait { try link("/proc/\(pid)/exe").hasSuffix("busybox") }
        let opened = clinux_open("/proc/self/fd/\(exe.raw)", O_WRONLY | O_CLOEXEC, 0)
        let errno = Errno.current
        if opened >= 0 { close(opened) }
        #expect(opened == -1 && errno.rawValue == EROFS, "\(errno)")
    }

    @Test func theRuntimeThatRunsOnceMoreInTheContainerIsNoWayOut() throws {
        // As the program, and as the interpreter of a script; it says what /proc/self/exe lets one do with it.
        let box = try Box("/evil", "--version") { $0.set("root", "readonly", to: false) }
        symlink("/proc/self/exe", "\(box.directory)/rootfs/evil")
        let before = try facts(built("runtime"))
        for program in ["/evil", "/script"] {
            try Files.writeAtomically(
                Array("#!/proc/self/exe\n".utf8), to: "\(box.directory)/rootfs/script", mode: 0o755)
            try box.rewrite { $0.set("process", "args", to: [.string(program), "--version"]) }
            _ = try box.run()
        }
        #expect(try facts(built("runtime")) == before)
        // Scripts with other interpreters go on working.
        try Files.writeAtomically(
            Array("#!/bin/sh\necho script $1\n".utf8), to: "\(box.directory)/rootfs/script",
            mode: 0o755)
        try box.rewrite { $0.set("process", "args", to: ["/script", "works"]) }
        #expect(try box.run().output == "script works\n")
    }

    /// Size and times of a file.
    private func facts(_ path: String) throws -> [Int] {
        var info = stat()
        try check("stat") { stat(path, &info) }
        return [Int(info.st_size), info.st_mtim.tv_sec, info.st_mtim.tv_nsec, Int(info.st_ino)]
    }

    // MARK: Descriptors of the host

    @Test func aDirectoryThatTheCallerHadOpenIsNoWorkingDirectory() throws {
        let box = try Box("/bin/sh", "-c", "ls -d ../../../etc; echo ran") {
            $0.set("process", "cwd", to: "/proc/self/fd/9")
        }
        for options in ["", "--preserve-fds 8"] {
            let outcome = try box.run(after: "exec 9</tmp", options)
            #expect(outcome.code != 0 && outcome.output == "", "\(options): \(outcome.output)")
        }
        #expect(
            try box.run(after: "exec 9</tmp", "--preserve-fds 8").errors.contains(
                "leads out of the container's root"))
    }

    @Test func whatTheCallerHadOpenIsNotThereInTheContainer() throws {
        let box = try Box("/bin/sh", "-c", "ls /proc/self/fd; ls /proc/self/fd/9/ 2>/dev/null")
        #expect(try !box.run(after: "exec 9</tmp").output.contains("9"))
    }

    @Test func theHostsNullDeviceIsNeitherHandedOnNorGivenAway() throws {
        let box = try Box(
            "/bin/busybox", "sh", "-c",
            "chmod 0 /proc/self/fd/0; stat -L -c %i /proc/self/fd/0 /dev/null"
        ) {
            $0.set("process", "user", to: ["uid": 1000, "gid": 1000])
        }
        // Another node of the same device: nothing is tried with the machine's own.
        let null = "\(box.directory)/null"
        try check("mknod") { mknod(null, mode_t(S_IFCHR) | 0o666, clinux_makedev(1, 3)) }
        chmod(null, 0o666)
        let outcome = try box.run(after: "exec <\(null)")
        let inodes = outcome.output.split(separator: "\n")
        #expect(inodes.count == 2 && inodes[0] == inodes[1], "\(outcome)")
        var info = stat()
        lstat(null, &info)
        #expect(info.st_uid == 0 && info.st_mode & 0o777 == 0o666)
    }

    @Test func aFileThatWasHandedOnKeepsItsOwner() throws {
        let box = try Box("/bin/true") {
            $0.set("process", "user", to: ["uid": 1000, "gid": 1000])
        }
        try Files.write("", to: "\(box.directory)/log")
        _ = try box.run(after: "exec >\(box.directory)/log")
        var info = stat()
        lstat("\(box.directory)/log", &info)
        #expect(info.st_uid == 0)
    }

    // MARK: Filters

    @Test(arguments: [true, false])
    func aFilterThatKnowsNoCloseRangeStopsNothing(_ noNewPrivileges: Bool) throws {
        let box = try Box("/bin/true") { config in
            config.set("process", "noNewPrivileges", to: .bool(noNewPrivileges))
            let kill: JSON = [
                "names": ["close_range", "poll", "ppoll", "clone3", "socket"],
                "action": "SCMP_ACT_KILL_PROCESS",
            ]
            config.set(
                "linux", "seccomp", to: ["defaultAction": "SCMP_ACT_ALLOW", "syscalls": [kill]])
        }
        let outcome = try box.run()
        #expect(outcome.code == 0, "\(outcome.errors)")
    }

    @Test func theFilterNeedAllowNothingButTheProgramsOwnCalls() throws {
        let box = try Box("/bin/true") { config in
            // What a static busybox calls, and execve.
            let names: [JSON] = [
                "execve", "brk", "arch_prctl", "set_tid_address", "set_robust_list", "rseq",
                "prlimit64",
                "readlinkat", "readlink", "getrandom", "mprotect", "uname", "getuid", "geteuid",
                "exit_group",
                "ugetrlimit", "newfstatat", "prctl", "setuid", "setgid", "getgid",
            ]
            config.set(
                "linux", "seccomp",
                to: [
                    "defaultAction": "SCMP_ACT_KILL_PROCESS", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
                    "syscalls": [["names": .array(names), "action": "SCMP_ACT_ALLOW"]],
                ])
        }
        let outcome = try box.run()
        #expect(outcome.code == 0, "\(outcome.code) \(outcome.errors)")
    }

    // MARK: Kernel parameters, devices, ids

    @Test(arguments: [
        "kernel.panic", "kernel.core_pattern", "vm.swappiness", "net/../kernel/panic",
        "kernel/panic",
        "fs.protected_hardlinks", "user.max_user_namespaces", "net\u{301}.x",
    ])
    func whatIsTheMachinesIsNotSet(_ name: String) throws {
        let box = try Box("/bin/true") {
            $0.set("linux", "sysctl", to: .object(JSONObject([(name, JSON.string("0"))])))
        }
        #expect(try box.run().code == 1)
    }

    @Test func whatIsOfANamespaceIsSetInOnesOwnOnly() throws {
        let box = try Box("/bin/cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start") {
            $0.set("linux", "sysctl", to: ["net.ipv4.ip_unprivileged_port_start": "123"])
        }
        #expect(try box.run().output == "123\n")
        try box.rewrite { $0.setNamespace("network", path: "/proc/self/ns/net") }
        #expect(try box.run().errors.contains("needs a network namespace that is not the host's"))
    }

    @Test(arguments: [-1, 4096, 1 << 33, Int.max])
    func aDeviceNumberThatThereIsNotIsAnError(_ number: Int) throws {
        let device: JSON = ["path": "/dev/x", "type": "c", "major": JSON(number), "minor": 1]
        let box = try Box("/bin/true") { $0.set("linux", "devices", to: [device]) }
        let outcome = try box.run()
        #expect(outcome.code == 1 && outcome.errors.contains("there is no device"), "\(outcome)")
        try box.rewrite {
            $0.set("linux", "devices", to: nil)
            $0.set(
                "linux", "resources",
                to: [
                    "devices": [
                        [
                            "allow": true, "type": "c", "major": JSON(number == -1 ? -2 : number),
                            "minor": 1,
                        ]
                    ]
                ])
        }
        #expect(try box.run().code == 1)
    }

    @Test func theIdThatMeansLeaveItAsItIsIsRefused() throws {
        for user: JSON in [["uid": 4_294_967_295, "gid": 0], ["uid": 0, "gid": 4_294_967_295]] {
            let box = try Box("/bin/true") { $0.set("process", "user", to: user) }
            let outcome = try box.run()
            #expect(outcome.code == 1 && outcome.errors.contains("nobody's id"))
        }
    }

    @Test func withoutAWordAboutThemDevicesAreClosed() throws {
        let script = "mknod /tmp/d c 10 229; head -c 0 /tmp/d; : < /tmp/d"
        let box = try Box("/bin/busybox", "sh", "-c", script) { config in
            config.set("root", "readonly", to: false)
            for set in ["bounding", "effective", "permitted"] {
                var capabilities = config.at("process", "capabilities")!
                capabilities[set] = ["CAP_MKNOD"]
                config.set("process", "capabilities", to: capabilities)
            }
            config.set("linux", "resources", to: nil)
        }
        let outcome = try box.run()
        #expect(outcome.errors.contains("Operation not permitted"), "\(outcome)")
    }
}
