import ContractNamespaces

/// Tests of lab 01's part: they hold for the reference, and fail on parts that are wrong.
public struct NamespacesTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any NamespacesPart {
        RemoteNamespaces(asker)
    }

    /// `part` is any part of lab 01. A `RecordingKernel` writes its calls down (`kernel.calls`).
    public func test(_ part: any NamespacesPart) throws {
        // step 01.9 begin
        throw Unfinished("01.9")
        // step 01.9 end
    }
}
