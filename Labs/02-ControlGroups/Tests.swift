import ContractControlGroups

/// Tests of lab 02's part: they hold for the reference, and fail on parts that are wrong.
public struct ControlGroupsTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any ControlGroupsPart {
        RemoteControlGroups(asker)
    }

    /// `part` is any part of lab 02. A `RecordingKernel` writes its calls down (`kernel.calls`).
    public func test(_ part: any ControlGroupsPart) throws {
        // step 02.9 begin
        throw Unfinished("02.9")
        // step 02.9 end
    }
}
