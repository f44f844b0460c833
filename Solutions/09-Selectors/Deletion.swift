import ContractSelectors

extension Selectors {
    /// Whom nobody misses goes first.
    public func deletionOrder(_ pods: [PodFacts], podsOnNode: [String: Int]) throws -> [String] {
        // step 09.5 begin
        let phases: [PodFacts.Phase] = [.pending, .unknown]
        // Each pod as a row of numbers: the smaller row, compared from the left, goes first.
        func row(_ pod: PodFacts) -> [Int] {
            [
                pod.node == nil ? 0 : 1,
                phases.firstIndex(of: pod.phase) ?? phases.count,
                pod.readySince == nil ? 0 : 1,
                pod.deletionCost,
                -(pod.node.flatMap { podsOnNode[$0] } ?? 0),
                -(pod.readySince ?? .max),
                -pod.restarts,
                -pod.created,
            ]
        }
        let rows = pods.map { (row: row($0), name: $0.name) }
        return rows.sorted { one, other in
            one.row == other.row
                ? one.name < other.name : one.row.lexicographicallyPrecedes(other.row)
        }.map(\.name)
        // step 09.5 end
    }
}
