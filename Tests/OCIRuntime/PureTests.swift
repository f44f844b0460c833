import ContractRuntime
import Linux
import SolutionControlGroups
import SolutionNamespaces
import SolutionRuntime
import Testing

@testable import OCIRuntime

@Suite struct MountOptionsTests {
    @Test func optionsAreToldApart() {
        let options = MountOptions(["nosuid", "strictatime", "mode=755", "rslave", "size=65536k"])
        #expect(options.flags == [.noSUID, .strictAccessTime])
        #expect(options.propagation == [.slave, .recursive])
        #expect(options.data == "mode=755,size=65536k")
    }

    @Test func aLaterOptionOverridesAnEarlierOne() {
        #expect(MountOptions(["ro", "rw"]).flags == [])
        #expect(MountOptions(["exec", "noexec"]).flags == .noExecute)
    }
}

@Suite struct NamespacesReference {
    private let part = Namespaces()

    @Test func onlyNamespacesWithoutAPathAreNew() throws {
        let flags = try part.cloneFlags([
            .init(.pid), .init(.network, path: "/proc/1/ns/net"), .init(.mount), .init(.uts),
        ])
        #expect(flags == [.newPID, .newMount, .newUTS])
    }

    @Test func aMountNamespaceIsJoinedLastAndAUserNamespaceFirst() throws {
        let kernel = RecordingKernel()
        let kinds: [NamespaceKind] = [.mount, .network, .user]
        try part.join(
            kinds.map { NamespaceRequest($0, path: "/ns/\($0.rawValue)") }, kernel: kernel)
        let joined = kernel.calls.compactMap { call in
            if case .setns(_, let kind) = call { kind } else { nil }
        }
        #expect(joined == [.newUser, .newNetwork, .newMount])
        let firstJoin = kernel.calls.firstIndex { if case .setns = $0 { true } else { false } }
        let lastOpen = kernel.calls.lastIndex { if case .open = $0 { true } else { false } }
        #expect(lastOpen! < firstJoin!, "a path may be gone after the first join")
    }

    @Test func withoutPrivilegeGroupsAreDeniedBeforeTheGidMap() throws {
        let kernel = RecordingKernel()
        let map = [IDMapping(containerID: 0, hostID: 1000, size: 1)]
        try part.mapIDs(
            IDMapRequest(pid: 7, uids: map, gids: map, privileged: false), kernel: kernel)
        #expect(
            kernel.calls == [
                .writeFile("/proc/7/setgroups", "deny"),
                .writeFile("/proc/7/uid_map", "0 1000 1\n"),
                .writeFile("/proc/7/gid_map", "0 1000 1\n"),
            ])
    }

    @Test func nothingIsMountedBeforePropagationIsCutAndTheOldRootGoesLast() throws {
        let kernel = RecordingKernel()
        let volume = MountRequest(
            source: "/v", target: "/data", type: nil, flags: [.bind, .readOnly, .noSUID],
            propagation: .slave)
        try part.enterRoot(RootSetup(rootfs: "/r", mounts: [volume]), kernel: kernel)
        #expect(
            kernel.calls.map(\.description) == [
                "mount(NULL, \"/\", NULL, MS_REC|MS_PRIVATE, NULL)",
                "mount(\"/r\", \"/r\", NULL, MS_BIND|MS_REC, NULL)",
                "mount(\"/v\", \"/r/data\", NULL, MS_BIND, NULL)",
                "mount(NULL, \"/r/data\", NULL, MS_RDONLY|MS_NOSUID|MS_REMOUNT|MS_BIND, NULL)",
                "mount(NULL, \"/r/data\", NULL, MS_SLAVE, NULL)",
                "chdir(\"/r\")", "pivot_root(\".\", \".\")", "umount2(\".\", MNT_DETACH)",
                "chdir(\"/\")",
            ])
    }
}

@Suite struct KernelCallsOnThePipe {
    static let calls: [KernelCall] = [
        .unshare([.newUTS, .newPID]), .setns(5, .newNetwork), .open("/a"), .close(5),
        .mount(source: nil, target: "/", type: nil, [.recursive, .private], data: nil),
        .mount(source: "proc", target: "/proc", type: "proc", .noSUID, data: "hidepid=2"),
        .umount2(".", .detach), .pivotRoot(newRoot: ".", putOld: "."), .chdir("/"), .fchdir(4),
        .sethostname("x"), .mkdir("/a", mode: 0o755), .rmdir("/a"),
        .mknod("/dev/null", mode: 0o020666, device: 259), .symlink(target: "a", path: "b"),
        .readFile("/f"), .writeFile("/f", "text\n"), .chroot("/a"), .fork, .waitpid(-1),
        .kill(-7, 9), .nanosleep(milliseconds: 5), .getInterfaceFlags("lo"),
        .setInterfaceFlags("lo", [.up, .running]),
    ]

    @Test(arguments: calls) func aCallComesBackAsItWentOut(_ call: Linux.KernelCall) {
        #expect(KernelCall(json: call.json) == call)
    }

    @Test func whatIsNoCallIsNone() {
        #expect(KernelCall(json: ["mount": ["only one"]]) == nil)
        #expect(KernelCall(json: ["reboot": []]) == nil)
        #expect(KernelCall(json: ["close": [-1]]) == nil)
        #expect(KernelCall(json: "mount") == nil)
    }
}

@Suite struct ControlGroupsReference {
    private let part = ControlGroups()

    @Test(arguments: [
        ("500m", 500), ("2", 2000), ("0.1", 100), ("1.5", 1500), ("1e1", 10_000), ("0.0001", 1),
        ("0", 0),
    ])
    func thousandthsOfAProcessor(_ text: String, _ expected: Int) throws {
        #expect(try part.milliCPUs(text) == expected)
    }

    @Test(arguments: [
        ("64Mi", 67_108_864), ("1k", 1000), ("1Ki", 1024), ("1e3", 1000), ("128", 128),
        ("0.5Gi", 536_870_912),
        ("1.5M", 1_500_000), ("100m", 1), ("1E", 1_000_000_000_000_000_000),
    ])
    func bytes(_ text: String, _ expected: Int) throws { #expect(try part.bytes(text) == expected) }

    @Test(arguments: [
        "", "x", "1x", "1.2.3", "-1", "1 Mi", "Mi", ".", "9999999999Ei", "1e99", "10E",
    ])
    func whatIsNoQuantityIsRefused(_ text: String) {
        #expect(throws: BadQuantity(text)) { try part.bytes(text) }
    }

    @Test func aLimitIsAQuotaAndARequestIsShares() throws {
        let wanted = ContainerResources(
            cpuRequest: "250m", cpuLimit: "500m", memoryLimit: "64Mi", pidsLimit: 20)
        let resources = try part.resources(wanted)
        #expect(resources.cpu == .init(shares: 256, quota: 50_000, period: 100_000))
        #expect(resources.memory == .init(limit: 67_108_864))
        #expect(resources.pids == .init(limit: 20))
    }

    @Test func versionTwoHasOneFileForQuotaAndPeriodAndAWeightForShares() throws {
        let resources = LinuxResources(
            cpu: .init(shares: 1024, quota: 50_000, period: 100_000),
            memory: .init(limit: 100, swap: 150),
            pids: .init(limit: 0))
        #expect(
            try part.controlFiles(.init(resources, version: .v2)) == [
                ControlFile("cpu", "cpu.weight", "39"),
                ControlFile("cpu", "cpu.max", "50000 100000"),
                ControlFile("memory", "memory.max", "100"),
                ControlFile("memory", "memory.swap.max", "50"),
                ControlFile("pids", "pids.max", "max"),
            ])
        #expect(
            try part.controlFiles(.init(resources, version: .v1)).map(\.name) == [
                "cpu.shares", "cpu.cfs_period_us", "cpu.cfs_quota_us", "memory.limit_in_bytes",
                "memory.memsw.limit_in_bytes", "pids.max",
            ])
    }

    @Test func throttlingAndKillingAreReadFromBothVersions() throws {
        let one = try part.readUsage(
            .init(
                version: .v1,
                text: [
                    "cpu.stat": "nr_periods 10\nnr_throttled 4\nthrottled_time 5000000\n",
                    "cpuacct.usage": "7000000\n", "memory.usage_in_bytes": "1000\n",
                    "memory.stat": "cache 1\ntotal_inactive_file 300\n",
                    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
                ]))
        let two = try part.readUsage(
            .init(
                version: .v2,
                text: [
                    "cpu.stat":
                        "usage_usec 7000\nnr_periods 10\nnr_throttled 4\nthrottled_usec 5000\n",
                    "memory.current": "1000\n", "memory.stat": "file 1\ninactive_file 300\n",
                    "memory.events": "low 0\noom 3\noom_kill 2\n",
                ]))
        #expect(one == two)
        #expect(one.throttledPeriods == 4 && one.throttledMicroseconds == 5000 && one.oomKills == 2)
        #expect(one.workingSetBytes == 700 && one.cpuMicroseconds == 7000)
    }
}

@Suite struct RuntimeReference {
    private let part = Runtime()

    private func steps(_ edit: (inout ContainerSpec) -> Void) throws -> [SetupStep] {
        var spec = ContainerSpec(ociVersion: "1.0.2")
        spec.process = ProcessSpec(args: ["sh"])
        spec.root = RootSpec(path: "rootfs", readonly: true)
        spec.hostname = "x"
        spec.linux = LinuxSpec()
        spec.linux?.namespaces = [.pid, .mount, .uts, .network, .user, .cgroup].map {
            NamespaceRequest($0)
        }
        spec.linux?.sysctl = ["net.ipv4.ip_forward": "1"]
        spec.linux?.readonlyPaths = ["/proc/sys"]
        spec.linux?.seccomp = SeccompProfile(defaultAction: "SCMP_ACT_ALLOW")
        edit(&spec)
        return try part.steps(for: spec)
    }

    @Test(arguments: [
        (SetupStep.enterControlGroups, SetupStep.newControlGroupNamespace),
        (.enterRoot, .makeDevices),
        (.setSysctls, .protectPaths), (.makeDevices, .makeRootReadOnly),
        (.setUser, .setCapabilities),
        (.setNoNewPrivileges, .loadSeccomp), (.waitForStart, .execute),
        (.setUser, .changeDirectory),
        (.becomeRoot, .setHostname),
    ])
    func oneStepComesBeforeAnother(_ first: SetupStep, _ second: SetupStep) throws {
        let all = try steps { $0.process?.noNewPrivileges = true }
        let before = try #require(all.firstIndex(of: first), "\(first) is missing")
        let after = try #require(all.firstIndex(of: second), "\(second) is missing")
        #expect(before < after)
    }

    @Test func withoutNoNewPrivilegesTheFilterIsLoadedWhilePrivileged() throws {
        let all = try steps { _ in }
        #expect(all.firstIndex(of: .loadSeccompPrivileged)! < all.firstIndex(of: .setUser)!)
        #expect(!all.contains(.loadSeccomp))
    }

    @Test func capabilityNamesBecomeBits() throws {
        var names = ProcessSpec.Capabilities()
        names.bounding = ["CAP_CHOWN", "CAP_KILL", "CAP_CHECKPOINT_RESTORE"]
        #expect(try part.capabilities(names).bounding == 1 | 1 << 5 | 1 << 40)
    }

    @Test func statesFollowTheSpecification() throws {
        #expect(try part.state(after: .start, in: .created) == .running)
        #expect(throws: WrongState(.start, in: .running)) {
            try part.state(after: .start, in: .running)
        }
        #expect(throws: WrongState(.delete, in: .running)) {
            try part.state(after: .delete, in: .running)
        }
        #expect(throws: WrongState(.exec, in: .stopped)) {
            try part.state(after: .exec, in: .stopped)
        }
    }
}
