import ContractServiceDNAT

/// The open step: tests of any part that makes rules of Services. `part` is the reference, or one
/// that is wrong.
public struct RuleTests: ServiceDNATTests {
    public init() {}

    public func test(_ part: any ServiceDNATContract) throws {
        // step 14.9 begin
        throw Unfinished("14.9")
        // step 14.9 end
    }
}
