import JSON
import Linux
import Testing

@testable import OCIRuntime

/// What a configuration asks for is done, or refused by its name.
@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"), .serialized)
struct FaithfulTests {
    @Test func aBindOverALinkThatLeadsNowhereIsMountedWhereItLeads() throws {
        let box = try Box("/bin/cat", "/etc/resolv.conf", "/var/run/secret") {
            $0.set("root", "readonly", to: false)
        }
        let root = "\(box.directory)/rootfs"
        symlink("../run/systemd/resolve/stub-resolv.conf", "\(root)/etc/resolv.conf")
        try Files.makeDirectories("\(root)/var")
        symlink("/run", "\(root)/var/run")
        try Files.write("mounted\n", to: "\(box.directory)/file")
        try box.rewrite {
            $0.addBind("\(box.directory)/file", "/etc/resolv.conf")
            $0.addBind("\(box.directory)/file", "/var/run/secret")
        }
        let outcome = try box.run()
        #expect(outcome.output == "mounted\nmounted\n", "\(outcome.errors)")
        #expect(Files.exists("\(root)/run/systemd/resolve/stub-resolv.conf"))
    }

    @Test func linksInACircleAreAnErrorAndNoEndlessLoop() throws {
        let box = try Box("/bin/true")
        symlink("b", "\(box.directory)/rootfs/a")
        symlink("a", "\(box.directory)/rootfs/b")
        try box.rewrite {
            $0.addMount(["destination": "/a/x", "type": "tmpfs", "source": "tmpfs"])
        }
        #expect(try box.run().code == 1)
    }

    @Test(arguments: [
        ("/none/such", "/none/such"), ("/proc/../../other", "/other"), ("/l/deep", "/in/deep"),
    ])
    func aWorkingDirectoryThatTheImageLacksIsMadeInsideTheRoot(_ cwd: String, _ seen: String) throws
    {
        let box = try Box("/bin/busybox", "pwd", "-P") {
            $0.set("process", "cwd", to: .string(cwd))
        }
        symlink("/in", "\(box.directory)/rootfs/l")
        let outcome = try box.run()
        #expect(outcome.output == "\(seen)\n", "\(outcome.errors)")
    }

    @Test(arguments: ["private", "slave", "shared", "unbindable", "rshared"])
    func theRootsPropagationIsAsAskedFor(_ how: String) throws {
        let box = try Box("/bin/grep", "-m1", " / / ", "/proc/self/mountinfo") {
            $0.set("linux", "rootfsPropagation", to: .string(how))
        }
        try box.rewrite {
            $0.set("process", "args", to: ["/bin/sh", "-c", "cat /proc/self/mountinfo"])
        }
        let outcome = try box.run()
        #expect(outcome.code == 0, "\(outcome.errors)")
        let root = outcome.output.fields(at: "\n").first { $0.fields(at: " ")[4] == "/" } ?? ""
        #expect(root.contains(" shared:") == how.contains("shared"))
        #expect(root.contains(" unbindable") == (how == "unbindable"))
    }

    @Test(arguments: [true, false])
    func aRemountInAUserNamespaceKeepsTheFlagsThatAreLocked(_ readOnlyRoot: Bool) throws {
        let box = try Box("/bin/sh", "-c", "cat /vol/f; echo x > /vol/g") { config in
            config.set("root", "readonly", to: .bool(readOnlyRoot))
            config["mounts"] = [["destination": "/proc", "type": "proc", "source": "proc"]]
        }
        let inner = "\(box.directory)/inner.sh"
        try box.rewrite { config in
            config.set("root", "path", to: .string("\(box.directory)/m/rootfs"))
            config.addBind("\(box.directory)/m/vol", "/vol", ["rbind", "ro"])
        }
        try Files.write(
            """
            mount -t tmpfs -o nosuid,nodev tmpfs \(box.directory)/m && cp -a \(box.directory)/rootfs \(box.directory)/m/
            mkdir \(box.directory)/m/vol && echo hi > \(box.directory)/m/vol/f
            exec unshare --user --map-root-user --mount --propagation private \\
                \(built("runtime")) --root \(box.directory)/state run --bundle \(box.directory) \(box.id)
            """, to: inner)
        try Files.makeDirectories("\(box.directory)/m")
        let result = try capture(
            "/usr/bin/unshare", ["unshare", "--user", "--map-root-user", "--mount", "sh", inner])
        #expect(
            String(decoding: result.output, as: UTF8.self) == "hi\n",
            "\(String(decoding: result.errors, as: UTF8.self))")
        #expect(String(decoding: result.errors, as: UTF8.self).contains("Read-only file system"))
    }

    @Test func rroHoldsForWhatIsMountedBelowToo() throws {
        let box = try Box("/bin/sh", "-c", "echo x > /v/a; echo x > /v/below/b; echo end")
        try Files.makeDirectories("\(box.directory)/v/below")
        try box.rewrite { $0.addBind("\(box.directory)/v", "/v", ["rbind", "rro"]) }
        let outcome = try box.run(
            after: "mount -t tmpfs tmpfs \(box.directory)/v/below", unshare: true)
        #expect(outcome.output == "end\n")
        #expect(outcome.errors.contains("can't create /v/a: Read-only"))
        #expect(outcome.errors.contains("can't create /v/below/b: Read-only"))
    }

    @Test func anOptionThatMeansNothingIsRefused() throws {
        let box = try Box("/bin/true")
        try box.rewrite { $0.addBind("/tmp", "/t", ["rbind", "frobnicate"]) }
        #expect(try box.run().errors.contains("\"frobnicate\" means nothing to a bind mount"))
        let mapped = try Box("/bin/true")
        try mapped.rewrite { $0.addBind("/tmp", "/t", ["rbind", "idmap"]) }
        #expect(try mapped.run().code == 1)
    }

    @Test func aMountNamespaceThatIsThereHasARootOfItsOwn() throws {
        let box = try Box("/bin/true") { $0.setNamespace("mount", path: "/proc/self/ns/mnt") }
        #expect(try box.run().errors.contains("has a root of its own, not root.path"))
    }

    @Test func execsVariablesOverrideTheContainers() throws {
        let box = try Box("/bin/sleep", "100") {
            $0.set("process", "env", to: ["PATH=/bin", "A=1", "A=2", "B=3"])
        }
        _ = try box.create()
        _ = try box.runtime("start", box.id)
        let outcome = try box.runtime(
            "exec", "-e", "B=4", "-e", "C=5", box.id, "/bin/busybox", "env")
        #expect(
            Set(outcome.output.fields(at: "\n")) == ["PATH=/bin", "A=2", "B=4", "C=5", "HOME=/"])
    }

    // MARK: Every field of the specification

    /// A value for each field that is refused.
    private static let values: [String: JSON] = [
        "process.scheduler": ["policy": "SCHED_IDLE"],
        "process.ioPriority": ["class": "IOPRIO_CLASS_IDLE"],
        "process.execCPUAffinity": ["initial": "0"], "linux.personality": ["domain": "LINUX32"],
        "linux.timeOffsets": ["monotonic": ["secs": 1]], "linux.intelRdt": ["closID": "x"],
    ]

    @Test(arguments: SpecFields.refused.map(\.key))
    func aFieldThatIsNotHonouredIsRefusedByItsName(_ path: String) throws {
        let names = path.fields(at: ".")
        func build(_ names: ArraySlice<String>) -> JSON {
            guard let first = names.first else { return Self.values[path] ?? ["x"] }
            let isList = first.utf8.suffix(2).elementsEqual("[]".utf8)
            let inner = build(names.dropFirst())
            let name = isList ? String(first.dropLast(2)) : first
            return .object(JSONObject([(name, isList ? [inner] : inner)]))
        }
        #expect(
            throws: RuntimeFailure(
                "f: \(path): \(SpecFields.refused.first { $0.key == path }!.value)")
        ) {
            try SpecFields.check(build(names[...]), in: "f")
        }
        // Empty, it asks for nothing.
        #expect(throws: Never.self) { try SpecFields.check([:], in: "f") }
    }

    /// Every field of the specification (1.2, for Linux) is here or among the refused ones.
    @Test func everyFieldIsHonouredOrRefused() throws {
        let all = Self.specification.fields(at: "\n").flatMap { $0.fields(at: " ") }
        let refused = SpecFields.refused.map(\.key)
        for field in refused { #expect(all.contains(field), "\(field) is no field") }
        let honoured = Self.honoured.fields(at: "\n").flatMap { $0.fields(at: " ") }
        for field in all where !refused.contains(field) {
            #expect(honoured.contains(field), "\(field) is neither honoured nor refused")
        }
    }

    private static let honoured = """
        ociVersion process root hostname domainname mounts linux annotations
        process.terminal process.consoleSize process.user process.args process.env process.cwd
        process.capabilities process.rlimits process.noNewPrivileges process.oomScoreAdj process.apparmorProfile
        root.path root.readonly mounts[].destination mounts[].type mounts[].source mounts[].options
        linux.namespaces linux.uidMappings linux.gidMappings linux.devices linux.cgroupsPath linux.resources
        linux.rootfsPropagation linux.seccomp linux.sysctl linux.maskedPaths linux.readonlyPaths
        linux.resources.devices linux.resources.memory linux.resources.cpu linux.resources.pids
        linux.resources.blockIO linux.resources.hugepageLimits linux.resources.unified
        linux.resources.memory.limit linux.resources.memory.reservation linux.resources.memory.swap
        linux.resources.memory.kernelTCP linux.resources.memory.swappiness linux.resources.memory.disableOOMKiller
        linux.resources.memory.useHierarchy linux.resources.memory.checkBeforeUpdate
        linux.resources.cpu.shares linux.resources.cpu.quota linux.resources.cpu.period linux.resources.cpu.burst
        linux.resources.cpu.realtimeRuntime linux.resources.cpu.realtimePeriod linux.resources.cpu.cpus
        linux.resources.cpu.mems linux.resources.cpu.idle linux.resources.pids.limit
        linux.resources.blockIO.weight linux.resources.blockIO.throttleReadBpsDevice
        linux.resources.blockIO.throttleWriteBpsDevice linux.resources.blockIO.throttleReadIOPSDevice
        linux.resources.blockIO.throttleWriteIOPSDevice
        linux.seccomp.defaultAction linux.seccomp.defaultErrnoRet linux.seccomp.architectures linux.seccomp.flags
        linux.seccomp.syscalls
        """

    private static let specification =
        honoured + """

            process.scheduler process.ioPriority process.execCPUAffinity process.selinuxLabel
            mounts[].uidMappings mounts[].gidMappings
            linux.mountLabel linux.timeOffsets linux.personality linux.intelRdt linux.memoryPolicy linux.netDevices
            linux.seccomp.listenerPath linux.seccomp.listenerMetadata
            linux.resources.rdma linux.resources.network linux.resources.memory.kernel
            linux.resources.blockIO.leafWeight linux.resources.blockIO.weightDevice
            hooks.prestart hooks.createRuntime hooks.createContainer hooks.startContainer hooks.poststart hooks.poststop
            """
}
