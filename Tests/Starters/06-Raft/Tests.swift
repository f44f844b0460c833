import ContractRaft

/// The open step: what you would ask of anybody's Raft rules.
public struct RaftTests: OpenTests {
    public init() {}
    public func subject(asking asker: any KernelAsker) -> any RaftContract {
        RemoteRaft(asking: asker)
    }

    // One test a rule at least, each with a claim in words. They have to pass on every right part, however it is
    // written, and fail on wrong ones.
    public func test(_ part: any RaftContract) throws {
        // step 06.12 begin
        throw Unfinished("06.12")
        // step 06.12 end
    }

    // Room for what the tests above call.
    // step 06.12 begin
    // step 06.12 end
}
