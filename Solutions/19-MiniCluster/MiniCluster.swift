import ContractMiniCluster

/// Lab 19: `Diagnoses.swift` says what was wrong with the cluster, `Jobs.swift` is a controller of your
/// own.
public struct MiniCluster: MiniClusterPart {
    public init() {}
}
