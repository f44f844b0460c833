import JSON
import Linux
import Testing

@testable import OCIRuntime

/// The cgroups of a container are its own, and nothing of a container is left where the runtime was stopped.
@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"), .serialized)
struct GroupTests {
    @Test(arguments: ["/", "//", "/.", "..", "/a/../..", "/x/../y", "/a\0b"])
    func aPathThatNamesNoGroupBelowTheRootIsRefused(_ path: String) throws {
        #expect(throws: RuntimeFailure.self) {
            try ControlGroupPlan(path: path, id: "box", resources: nil)
        }
    }

    @Test func anEmptyPathIsNone() throws {
        let groups = try ControlGroupPlan(path: "", id: "box", resources: nil).groups
        #expect(groups.allSatisfy { $0.path.last == PathName("box") })
        let box = try Box("/bin/sleep", "100") { $0.set("linux", "cgroupsPath", to: "") }
        let pid = try box.create()
        #expect(try Files.readText("/proc/\(pid)/cgroup").contains(":pids:/") || isUnified)
        #expect(try Files.readText("/proc/\(pid)/cgroup").contains(box.id))
    }

    /// A container at a group of others', which are here another container and a process of this test.
    @Test func twoContainersOfOnePathDoNotKillEachOther() throws {
        let name = "/drydock-test-\(getpid())/shared"
        defer { removeGroups(name) }
        let first = try Box("/bin/sleep", "100") {
            $0.set("linux", "cgroupsPath", to: .string(name))
        }
        let pid = try first.create()
        let second = try Box("/bin/true") { $0.set("linux", "cgroupsPath", to: .string(name)) }
        let outcome = try second.run()
        #expect(outcome.code == 1 && outcome.errors.contains("exists already"), "\(outcome)")
        #expect(try second.runtime("delete", "--force", second.id).code == 0)
        #expect(ProcessStat(pid)?.isAlive(startedAt: ProcessStat(pid)?.startTime ?? 0) == true)
        #expect(try first.status() == "created")
    }

    @Test func aGroupThatWasThereIsNeitherEnteredNorEmptied() throws {
        let name = "/drydock-test-\(getpid())/others"
        let hierarchy = try #require(try Hierarchy.mounted().first { $0.has("pids") })
        let directory = hierarchy.mountPoint + name
        try Files.makeDirectories(directory)
        defer { removeGroups(name) }
        let other = try Child.spawn("/bin/sleep", ["sleep", "100"])
        defer {
            other.signal(SIGKILL)
            _ = try? other.wait()
        }
        try RealKernel().writeFile("\(directory)/cgroup.procs", "\(other.pid)")
        let box = try Box("/bin/true") { $0.set("linux", "cgroupsPath", to: .string(name)) }
        #expect(try box.run().code == 1)
        _ = try box.runtime("delete", "--force", box.id)
        #expect(try other.poll() == nil, "it lives")
        #expect(Files.exists(directory))
    }

    private func removeGroups(_ name: String) {
        let parent = RelativePath(name)!.parent.absolute
        for hierarchy in (try? Hierarchy.mounted()) ?? [] {
            rmdir(hierarchy.mountPoint + name)
            rmdir(hierarchy.mountPoint + parent)
        }
    }

    @Test func aFrozenContainerCanBeDeleted() throws {
        let box = try Box("/bin/sh", "-c", "sleep 100 & sleep 100; :")
        let pid = try box.create()
        #expect(try box.runtime("start", box.id).code == 0)
        let groups = try ContainerStore(root: "\(box.directory)/state").load(box.id).controlGroups
        let name = "/drydock-test-\(getpid())/frozen"
        defer { removeGroups(name) }
        if isUnified {
            for group in groups { try RealKernel().writeFile("\(group.path)/cgroup.freeze", "1") }
        } else {
            let freezer = try #require(try Hierarchy.mounted().first { $0.has("freezer") })
            let directory = freezer.mountPoint + name
            try Files.makeDirectories(directory)
            try RealKernel().writeFile("\(directory)/cgroup.procs", "\(pid)")
            try RealKernel().writeFile("\(directory)/freezer.state", "FROZEN")
        }
        #expect(try box.runtime("delete", "--force", box.id).code == 0)
        for group in groups { #expect(!Files.exists(group.path)) }
    }

    @Test func aFailedUserMapLeavesNoProcess() throws {
        let box = try Box("/bin/true") { config in
            config.setNamespace("user")
            let map: JSON = [
                ["containerID": 0, "hostID": 0, "size": 10],
                ["containerID": 5, "hostID": 100, "size": 10],
            ]
            config.set("linux", "uidMappings", to: map)
            config.set("linux", "gidMappings", to: map)
        }
        #expect(try box.run().code == 1)
        #expect(box.processes() == [])
    }

    /// The runtime dies at any moment of `create`; a forced deletion leaves no process, no group and no directory.
    @Test(arguments: 0..<24)
    func whereTheRuntimeIsKilledAmidCreateAForcedDeletionFindsAll(_ moment: Int) throws {
        let box = try Box("/bin/sleep", "100")
        let child = try Child.spawn(
            built("runtime"),
            [
                "runtime", "--root", "\(box.directory)/state", "create", "--bundle", box.directory,
                box.id,
            ])
        usleep(UInt32(moment * 700))
        child.signal(SIGKILL)
        _ = try child.wait()
        #expect(try box.runtime("delete", "--force", box.id).code == 0)
        try box.wait { box.processes() == [] }
        #expect(try box.runtime("list", "--quiet").output == "")
        for hierarchy in try Hierarchy.mounted() {
            let place = hierarchy.mountPoint + (try hierarchy.birthplace()).absolute
            #expect(!Files.exists("\(place)/\(box.id)"), "\(hierarchy.mountPoint)")
        }
    }

    @Test func limitsBeyondThoseOfPart02AreInTheirFilesOrRefusedByName() throws {
        let box = try Box("/bin/sleep", "100") {
            $0.set(
                "linux", "resources",
                to: ["memory": ["swappiness": 17], "cpu": ["burst": 0, "idle": 0]])
        }
        if isUnified {
            #expect(try box.run().errors.contains("linux.resources.memory.swappiness"))
            return
        }
        _ = try box.create()
        let groups = try ContainerStore(root: "\(box.directory)/state").load(box.id).controlGroups
        let memory = try #require(groups.first { $0.controllers.contains("memory") })
        #expect(try Files.readText("\(memory.path)/memory.swappiness") == "17\n")
        let unified = try Box("/bin/true") {
            $0.set("linux", "resources", to: ["unified": ["memory.high": "1000000"]])
        }
        #expect(try unified.run().errors.contains("linux.resources.unified"))
        let bad = try Box("/bin/true") {
            $0.set("linux", "resources", to: ["unified": ["../x": "1"]])
        }
        #expect(try bad.run().errors.contains("is no file of a group"))
    }
}
