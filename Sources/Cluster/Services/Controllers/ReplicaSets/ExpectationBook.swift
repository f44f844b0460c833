import Client
import ContractSelectors
import ControllerRules

/// What each ReplicaSet's controller has asked for and not seen yet: see `Expectations`.
///
/// Order owed: written down before the request is sent, struck off by the cache's change, or by the request's failure.
actor ExpectationBook {
    private var entries: [String: Expectations] = [:]
    private let part: PartCalls<any SelectorsContract>

    init(part: PartCalls<any SelectorsContract>) { self.part = part }

    func entry(_ key: String) -> Expectations { entries[key] ?? Expectations() }

    func write(_ expectations: Expectations, for key: String) { entries[key] = expectations }

    func drop(_ key: String) { entries[key] = nil }

    /// Strikes off what was seen. Where the part fails, the expectation stays and runs out by itself.
    func observe(_ event: PodEvent, for key: String) async throws {
        guard let before = entries[key] else { return }
        let after = try await part.ask { try $0.observe(before, event) }
        // Another observation, or the next plan, may have come while the part was thinking.
        guard let now = entries[key] else { return }
        if now == before {
            entries[key] = after
        } else {
            try await observe(event, for: key)
        }
    }
}
