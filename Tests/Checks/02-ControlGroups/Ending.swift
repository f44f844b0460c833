import ContractControlGroups
import Grading
import Linux

/// 02.8: stopped where it is; and killed to the last process, and removed.
let groupIsEnded = Check("02.8", requires: [.sandbox]) { bench in
    let part = RemoteControlGroups(bench.part)
    for version in [ControlGroupVersion.v1, .v2] { try freezesFake(part, version) }
    do {
        for version in [ControlGroupVersion.v1, .v2] { try removesFake(part, version) }
    } catch PartFailure.unfinished("02.8") {
        throw Failed(
            "a group is killed and removed", expected: "remove(_:kernel:) written too",
            seen: "freeze is right. remove is not written yet",
            idea: "This step has two holes: on version 1 killing needs freezing.")
    }
    let groups = try RealGroups()
    var places: [RealGroups.Place] = []
    if let place = groups.place(of: "freezer") { places.append(place) }
    // cgroup.kill came with Linux 5.14.
    if let place = groups.unified, Files.exists("\(try groups.make("end", in: place))/cgroup.kill")
    {
        places.append(place)
    }
    for place in places { try endsReal(bench, groups, place) }
    if places.isEmpty {
        bench.couldNotTry(
            "with a real group",
            because: "there is none with freezer.state or cgroup.kill that this process can write")
    }
}

private let root = "/sys/fs/cgroup/drydock"

private func fake(_ version: ControlGroupVersion) -> (tree: FakeTree, place: GroupPlace) {
    let tree = FakeTree(version, root: root, controllers: ["cpu", "memory", "pids"])
    tree.add("\(root)/app", members: [21, 22])
    var directories = ["\(root)/app"]
    if version == .v1 {
        // The same group in another hierarchy, whose members the fake does not repeat.
        tree.add("\(root)/pids", members: [])
        directories.append("\(root)/pids")
    }
    return (tree, GroupPlace(version: version, directories: directories))
}

private func freezesFake(_ part: RemoteControlGroups, _ version: ControlGroupVersion) throws {
    let (tree, place) = fake(version)
    for isFrozen in [true, false] {
        try succeeds(
            "a group of version \(version.rawValue) is \(isFrozen ? "frozen" : "let go on")",
            idea: { _ in
                "Version 1 has freezer.state (FROZEN, THAWED), version 2 cgroup.freeze (1, 0)."
            }
        ) { try part.freeze(place, isFrozen, kernel: tree) }
        try expect(
            tree.groups[place.directories[0]]?.isFrozen, is: isFrozen,
            "the group is \(isFrozen ? "frozen when freeze returns" : "not frozen any more") on version \(version.rawValue)",
            idea:
                "Freezing takes a moment: the kernel says when all stand still. Until then freezer.state says FREEZING, and cgroup.events frozen 0."
        )
    }
}

private func removesFake(_ part: RemoteControlGroups, _ version: ControlGroupVersion) throws {
    let (tree, place) = fake(version)
    tree.breeds = place.directories[0]
    try succeeds(
        "a group of version \(version.rawValue) in which children are born all the time is killed and removed",
        idea: { text in
            text.contains("busy")
                ? "EBUSY: a killed process takes a moment to go. A group is removed when its cgroup.procs is empty."
                : text.contains("timed out")
                    ? "Whoever reads the members and kills them one by one is outrun. Freeze first on version 1, and let go on so that they can die; version 2 has cgroup.kill."
                    : "Look at the call that failed, and at cgroups(7)."
        }
    ) { try part.remove(place, kernel: tree) }
    try expect(
        place.directories.filter { tree.groups[$0] != nil }, is: [],
        "the group's directories are gone on version \(version.rawValue)",
        idea: "On version 1 there is one in each hierarchy.")
}

/// A process that has a child and ends, whose child does the same, and so on.
private func endsReal(_ bench: Bench, _ groups: RealGroups, _ place: RealGroups.Place) throws {
    let group = try groups.make("end", in: place)
    let request = GroupPlace(version: place.version, directories: [group])
    try Sandbox.run(letGo: groups.thaw) { _ in
        // What is frozen can't be ended either: the processes made here go with this closure.
        defer { groups.thaw() }
        try bench.part.start()
        let part = RemoteControlGroups(bench.part)
        let fence = FencedKernel(directories: [group])
        let kernel = RealKernel()
        let first = try SandboxProcess { () throws -> Done in
            try kernel.writeFile("\(group)/cgroup.procs", "0")
            if clinux_fork() == 0 { runAway() }
            while true { pause() }
        }
        first.begin()
        func members() -> Set<Substring> {
            Set(((try? Files.readText("\(group)/cgroup.procs")) ?? "").split(separator: "\n"))
        }
        _ = eventually { members().count > 1 }
        try part.freeze(request, true, kernel: fence)
        let isStill = isFrozen(group, place)
        let before = members()
        usleep(3000)
        try require(
            isStill && members().isSubset(of: before),
            "a frozen group stands still: nobody is born in it",
            seen: isStill ? "new members appeared" : "the kernel does not call it frozen yet",
            idea:
                "Version 1 has freezer.state, version 2 cgroup.freeze and, when it is done, frozen 1 in cgroup.events."
        )
        try part.freeze(request, false, kernel: fence)
        try succeeds(
            "a real group, in which children are born all the time, is killed and removed",
            idea: { _ in
                "Nothing may be born while members are killed, and nothing is removed that has members."
            }
        ) { try part.remove(request, kernel: fence) }
        try require(
            !Files.exists(group), "the group's directory is gone",
            seen: "it is still there, with \(members().count) members",
            idea: "rmdir(2) removes a group, when it is empty.")
        withExtendedLifetime(first) {}
    }
}

private func isFrozen(_ group: String, _ place: RealGroups.Place) -> Bool {
    place.version == .v1
        ? (try? Files.readText("\(group)/freezer.state")) == "FROZEN\n"
        : ControlText((try? Files.readText("\(group)/cgroup.events")) ?? "")["frozen"] == 1
}

/// Never more than two at once, but never the same for long.
private func runAway() -> Never {
    while true {
        let child = clinux_fork()
        if child > 0 { clinux_exit_now(0) }
        usleep(200)
    }
}
