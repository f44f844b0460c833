import Linux
import Testing

@testable import Dock

@Suite struct DockTests {
    @Test func aComponentThatKeepsEndingWaitsLongerEachTimeButNeverPastThePromise() {
        var restarts = Restarts()
        let delays = (0..<6).map { _ in restarts.ended(afterRunningMilliseconds: 5) }
        #expect(delays == [200, 400, 800, 1600, 3000, 3000])
    }

    @Test func aComponentThatRanWellStartsAtTheShortestDelayAgain() {
        var restarts = Restarts()
        for _ in 0..<4 { _ = restarts.ended(afterRunningMilliseconds: 5) }
        #expect(restarts.ended(afterRunningMilliseconds: 60_000) == 200)
        #expect(restarts.count == 5)
    }

    @Test func cgroupsLieBelowTheLaunchersOwnInEveryHierarchyOfV1() {
        let tree = CgroupTree.plan(
            name: "drydock-7",
            ownGroups: "4:memory:/jobs/a\n1:cpu,cpuacct:/\n0::/\n",
            mounts: """
                32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
                35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:4 - cgroup cgroup rw,memory
                41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
                """)
        #expect(
            tree.hierarchies.map(\.directory) == [
                "/sys/fs/cgroup/cpu,cpuacct/drydock-7", "/sys/fs/cgroup/memory/jobs/a/drydock-7",
                "/sys/fs/cgroup/unified/drydock-7",
            ])
        #expect(tree.hierarchies.map(\.isV2) == [false, false, true])
    }

    @Test func cgroupsLieBelowTheLaunchersOwnOnV2() {
        let tree = CgroupTree.plan(
            name: "drydock-7", ownGroups: "0::/user.slice/user-1000.slice/session-2.scope\n",
            mounts: "30 23 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate")
        #expect(
            tree.hierarchies.map(\.directory) == [
                "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/drydock-7"
            ])
    }

    @Test func aMountThatShowsOnlyAPartOfAHierarchyIsSeenFromThere() {
        // In a container the mount's root is the container's own group.
        let tree = CgroupTree.plan(
            name: "d", ownGroups: "3:pids:/docker/abc\n",
            mounts: "35 31 0:32 /docker/abc /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids")
        #expect(tree.hierarchies.map(\.directory) == ["/sys/fs/cgroup/pids/d"])
    }
}

/// A version 2 hierarchy as files: what a real one says, on machines that have version 1. `Tests/VirtualMachine`
/// asks a real one.
@Suite struct CgroupPlaceTests {
    /// Groups by their path: their type, nil for the root of all, and the processes in them.
    private func place(
        _ groups: [String: (type: String?, processes: String)], launcherIn own: String
    ) throws -> String? {
        // Of its own: these tests run at the same time.
        let root = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-place-")
        defer { try? Files.removeTree(root) }
        for (path, group) in groups {
            try Files.makeDirectories(root + path)
            let files = [
                ("cgroup.controllers", "cpuset cpu memory pids\n"),
                ("cgroup.subtree_control", "cpu memory pids\n"),
                ("cgroup.procs", group.processes),
            ]
            for (name, text) in files { try Files.write(text, to: "\(root)\(path)/\(name)") }
            if let type = group.type { try Files.write(type, to: "\(root)\(path)/cgroup.type") }
        }
        let found = CgroupPlace(mountPoint: root).parent(forLauncherIn: own)
        return found.map { String($0.dropFirst(root.count)) }
    }

    @Test func besideALoginsSessionWhichHasProcessesOfItsOwn() throws {
        let slice = "/user.slice/user-0.slice"
        let found = try place(
            [
                "": (nil, ""), "/user.slice": ("domain\n", ""), slice: ("domain\n", ""),
                "\(slice)/session-2.scope": ("domain\n", "812\n"),
            ], launcherIn: "\(slice)/session-2.scope")
        #expect(found == slice)
    }

    @Test func inTheRootOfAllThoughItHasProcesses() throws {
        #expect(try place(["": (nil, "1\n2\n")], launcherIn: "") == "")
    }

    @Test func nowhereInAContainerWhoseOnlyGroupIsFull() throws {
        #expect(try place(["": ("domain\n", "1\n")], launcherIn: "") == nil)
    }

    @Test func notInAGroupOfThreads() throws {
        let found = try place(
            ["": (nil, ""), "/a": ("domain threaded\n", ""), "/a/b": ("domain\n", "7\n")],
            launcherIn: "/a/b")
        #expect(found == "")
    }
}

@Suite struct LeashTests {
    @Test func aLeashIsHeldUntilAByteComesOrItsOtherEndIsGone() throws {
        let spoken = try Pipe()
        let dropped = try Pipe()
        #expect(Leash(descriptor: spoken.read.raw).look() == .held)
        try spoken.write.write([1])
        #expect(Leash(descriptor: spoken.read.raw).look() == .released)
        let reader = dropped.intoRead()
        #expect(Leash(descriptor: reader.raw).look() == .broken)
    }
}
