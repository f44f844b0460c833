import ContractOverlay

/// The open step: tests of an overlay's rules. `part` is the reference, or one that is wrong.
public struct OverlayRulesTests: OverlayTests {
    public init() {}

    public func test(_ part: any OverlayRules) throws {
        // step 03.9 begin
        throw Unfinished("03.9")
        // step 03.9 end
    }
}
