import ContractRaft

/// Lab 06: the rules of Raft. Elections are in Elections.swift, the log in Replication.swift, disk and reads in
/// Safekeeping.swift.
public struct Raft: RaftPart {
    public init() {}
}
