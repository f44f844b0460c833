import ContractControlGroups

/// What is done with a group: made, entered, frozen, removed.
extension ControlGroups {
    /// No process is ever in a group that hands controllers on, and none in the new group before
    /// all its limits are set.
    public func enterGroup(_ request: GroupRequest, kernel: any Kernel) throws {
        // step 02.6 begin
        let (parent, group) = (request.parent, "\(request.parent)/\(request.name)")
        try kernel.mkdir(group)
        if request.version == .v2 {
            let members = try kernel.readFile("\(parent)/cgroup.procs").split(separator: "\n")
            if !members.isEmpty { try kernel.mkdir("\(parent)/leaf") }
            for member in members {
                try kernel.writeFile("\(parent)/leaf/cgroup.procs", String(member))
            }
            let handedOn = request.controllers.map { "+\($0)" }.joined(separator: " ")
            try kernel.writeFile("\(parent)/cgroup.subtree_control", handedOn)
        }
        for limit in request.limits {
            try kernel.writeFile("\(group)/\(limit.name)", limit.value)
        }
        try kernel.writeFile("\(group)/cgroup.procs", "0")
        // step 02.6 end
    }

    /// Version 1: `freezer.state`; version 2: `cgroup.freeze`. A group that is being frozen is not
    /// frozen yet.
    public func freeze(_ group: GroupPlace, _ isFrozen: Bool, kernel: any Kernel) throws {
        // step 02.8 begin
        let directory = group.directories[0]
        let isUnified = group.version == .v2
        if isUnified {
            try kernel.writeFile("\(directory)/cgroup.freeze", isFrozen ? "1" : "0")
        } else {
            try kernel.writeFile("\(directory)/freezer.state", isFrozen ? "FROZEN" : "THAWED")
        }
        guard isFrozen else { return }
        let (file, word) = isUnified ? ("cgroup.events", "frozen 1") : ("freezer.state", "FROZEN")
        while !(try kernel.readFile("\(directory)/\(file)").contains(word)) {
            try kernel.nanosleep(milliseconds: 1)
        }
        // step 02.8 end
    }

    /// No process of the group gets away, also none that is born meanwhile; nothing is removed
    /// while it still has members.
    public func remove(_ group: GroupPlace, kernel: any Kernel) throws {
        // step 02.8 begin
        let members = "\(group.directories[0])/cgroup.procs"
        if group.version == .v2 {
            try kernel.writeFile("\(group.directories[0])/cgroup.kill", "1")
        } else {
            try freeze(group, true, kernel: kernel)
            for member in try kernel.readFile(members).split(separator: "\n").compactMap({ Int32($0) }) {
                try kernel.kill(member, 9)
            }
            try freeze(group, false, kernel: kernel)
        }
        while !(try kernel.readFile(members).isEmpty) { try kernel.nanosleep(milliseconds: 1) }
        for directory in group.directories { try kernel.rmdir(directory) }
        // step 02.8 end
    }
}
