import ContractSelectors
import Grading

/// The ReplicaSet that the checks ask about: `web-5d8f`, with the UID `u1`.
func webSet(replicas: Int = 3, terminating: Bool = false) -> ReplicaSetFacts {
    ReplicaSetFacts(
        name: "web-5d8f", uid: "u1",
        selector: Selector(matchLabels: ["app": "web", "pod-template-hash": "5d8f"]),
        templateLabels: ["app": "web", "pod-template-hash": "5d8f", "tier": "front"],
        replicas: replicas, terminating: terminating)
}

/// Labels that the set's selector matches, and such that it doesn't.
let fitting = ["app": "web", "pod-template-hash": "5d8f", "tier": "front"]
let other = ["app": "debug"]

/// A running, ready pod of that set, but for what is said otherwise.
func pod(
    _ name: String, labels: [String: String] = fitting, owner: String? = "u1",
    phase: PodFacts.Phase = .running, terminating: Bool = false, node: String? = "node-1",
    readySince: Int? = 0, cost: Int = 0, restarts: Int = 0, created: Int = 0
) -> PodFacts {
    PodFacts(
        name: name, uid: "uid-\(name)", labels: labels, controllerUID: owner, phase: phase,
        terminating: terminating, node: node, readySince: readySince, deletionCost: cost,
        restarts: restarts, created: created)
}

/// `app=web,tier=front`, as kubectl writes it.
func text(_ labels: [String: String]) -> String {
    if labels.isEmpty { return "no labels" }
    return labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        .joined(separator: ",")
}
