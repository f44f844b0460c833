import Dock
import Linux
import Testing

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
