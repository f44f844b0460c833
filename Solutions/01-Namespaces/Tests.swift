import ContractNamespaces

/// Tests of lab 01's part: they hold for the reference, and fail on parts that are wrong.
public struct NamespacesTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any NamespacesPart {
        RemoteNamespaces(asker)
    }

    /// `part` is any part of lab 01. A `RecordingKernel` writes its calls down (`kernel.calls`).
    public func test(_ part: any NamespacesPart) throws {
        // step 01.9 begin
        func at(_ kernel: RecordingKernel, _ matches: (KernelCall) -> Bool) -> Int {
            kernel.calls.firstIndex { matches($0) } ?? -1
        }
        func leavesOpen(_ kernel: RecordingKernel) -> Bool {
            let opened = kernel.calls.count { if case .open = $0 { true } else { false } }
            return opened != kernel.calls.count { if case .close = $0 { true } else { false } }
        }
        var kernel = RecordingKernel()
        let lines = [(0, 5, 1), (1, 9, 3)].map {
            IDMapping(containerID: $0, hostID: $1, size: $2)
        }
        try part.mapIDs(.init(pid: 7, uids: lines, gids: lines, privileged: false), kernel: kernel)
        let map = "0 5 1\n1 9 3\n"
        let uids = kernel.calls.contains(.writeFile("/proc/7/uid_map", map))
        try expect(uids, "one write, all lines")
        let deny = at(kernel) { $0 == .writeFile("/proc/7/setgroups", "deny") }
        let gids = at(kernel) { $0 == .writeFile("/proc/7/gid_map", map) }
        try expect(deny >= 0 && deny < gids, "setgroups is denied before gid_map")
        let mixed = [NamespaceRequest(.uts), .init(.pid, path: "/proc/7/ns/pid")]
        try expect(try part.cloneFlags(mixed) == .newUTS, "a joined kind has no flag")
        let taken = try? part.cloneFlags(mixed + [.init(.pid)])
        try expect(taken?.isEmpty ?? true, "a kind that is both joined and new is refused")
        kernel = RecordingKernel()
        try part.isolate([.newPID, .newUTS], kernel: kernel)
        try expect(kernel.calls == [.unshare([.newPID, .newUTS]), .fork], "unshare, then fork")
        kernel = RecordingKernel()
        kernel.children = [(9, 1), (2, 137), (4, 0)].map { .init(pid: $0, code: $1) }
        try expect(try part.reap(until: 2, kernel: kernel) == 137, "the main program's code")
        try expect(kernel.children.map(\.pid) == [4], "who ended before is laid to rest, no other")
        kernel = RecordingKernel()
        let bind = MountRequest(
            source: "/a", target: "/b", type: nil, flags: [.bind, .readOnly], propagation: .slave)
        try part.enterRoot(RootSetup(rootfs: "/r", mounts: [bind]), kernel: kernel)
        func mount(_ source: String?, _ flags: MountFlags) -> Int {
            at(kernel) { $0 == .mount(source: source, target: "/r/b", type: nil, flags, data: nil) }
        }
        let cut = at(kernel) {
            if case .mount(_, "/", _, [.private, .recursive], _) = $0 { true } else { false }
        }
        let pivot = at(kernel) { if case .pivotRoot = $0 { true } else { false } }
        let gone = at(kernel) { if case .umount2(_, .detach) = $0 { true } else { false } }
        let (bound, again) = (mount("/a", .bind), mount(nil, [.bind, .remount, .readOnly]))
        try expect(cut == 0, "mounts are private before anything is mounted")
        try expect(0 < bound && bound < again && again < pivot, "a read-only bind is remounted")
        try expect(mount(nil, .slave) > bound, "propagation has a call of its own")
        try expect(gone > pivot, "the old root is detached")
        let whole = at(kernel) {
            if case .mount("/r", "/r", _, [.bind, .recursive], _) = $0 { true } else { false }
        }
        try expect(whole >= 0, "the new root comes with what is mounted in it")
        try expect(!leavesOpen(kernel), "nothing of the old root stays open")
        kernel = RecordingKernel()
        kernel.interfaces["lo"] = [.loopback, .multicast]
        try part.raiseLoopback(kernel: kernel)
        try expect(kernel.interfaces["lo"] == [.loopback, .multicast, .up], "only IFF_UP is added")
        kernel = RecordingKernel()
        try part.enterControlGroups(["/g/cgroup.procs"], kernel: kernel)
        try expect(kernel.calls.last == .unshare(.newCgroup), "the cgroup is entered first")
        kernel = RecordingKernel()
        try part.join([.init(.mount, path: "/m"), .init(.user, path: "/u")], kernel: kernel)
        let opened = kernel.calls.lastIndex { if case .open = $0 { true } else { false } } ?? -1
        let user = at(kernel) { if case .setns(_, .newUser) = $0 { true } else { false } }
        let entered = at(kernel) { if case .setns(_, .newMount) = $0 { true } else { false } }
        try expect(opened < user && user < entered, "open all, then user, then mount")
        try expect(!leavesOpen(kernel), "what was opened is closed")
        // step 01.9 end
    }
}
