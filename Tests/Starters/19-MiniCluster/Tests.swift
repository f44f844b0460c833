import ContractMiniCluster

/// The open step: tests of a Job controller. `part` is the reference, or one that is wrong.
public struct JobTests: MiniClusterTests {
    public init() {}

    public func test(_ part: any MiniClusterContract) throws {
        // step 19.9 begin
        throw Unfinished("19.9")
        // step 19.9 end
    }
}
