import ContractControlGroups

/// What is done with a group: made, entered, frozen, removed.
extension ControlGroups {
    /// No process is ever in a group that hands controllers on, and none in the new group before
    /// all its limits are set.
    public func enterGroup(_ request: GroupRequest, kernel: any Kernel) throws {
        // step 02.6 begin
        throw Unfinished("02.6")
        // step 02.6 end
    }

    /// Version 1: `freezer.state`; version 2: `cgroup.freeze`. A group that is being frozen is not
    /// frozen yet.
    public func freeze(_ group: GroupPlace, _ isFrozen: Bool, kernel: any Kernel) throws {
        // step 02.8 begin
        throw Unfinished("02.8")
        // step 02.8 end
    }

    /// No process of the group gets away, also none that is born meanwhile; nothing is removed
    /// while it still has members.
    public func remove(_ group: GroupPlace, kernel: any Kernel) throws {
        // step 02.8 begin
        throw Unfinished("02.8")
        // step 02.8 end
    }
}
