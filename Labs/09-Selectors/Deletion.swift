import ContractSelectors

extension Selectors {
    /// Whom nobody misses goes first.
    public func deletionOrder(_ pods: [PodFacts], podsOnNode: [String: Int]) throws -> [String] {
        // step 09.5 begin
        throw Unfinished("09.5")
        // step 09.5 end
    }
}
