import Contracts

extension Selectors {
    /// Whom nobody misses goes first.
    public func deletionOrder(_ pods: [PodFacts], podsOnNode: [String: Int]) throws -> [String] {
        // step 09.6 begin
        throw Unfinished("09.6")
        // step 09.6 end
    }
}
