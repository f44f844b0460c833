import Contracts

/// What an API server and some nodes would hold: ReplicaSets and pods. Time goes in seconds.
struct World {
    struct Pod {
        var facts: PodFacts
        var set: String
        /// When it becomes ready; nil: never.
        var readyAt: Int?
        var goneAt: Int?
    }
    struct Set {
        var facts: ReplicaSetFacts
        var hash: String
        var revision: Int
        var desired: Int?
        var created: Int
        var status = ReplicaSetNumbers()
        /// Goes up with every resize; `observed` is the one that the status was made for.
        var generation = 1
        var observed = 0
        /// Goes up with every write; a write that was made from an older one is refused.
        var version = 0
    }
    var now = 1_000_000
    var pods: [String: Pod] = [:]
    var sets: [String: Set] = [:]
    private var serial = 0

    mutating func createPod(of set: Set, birth: PodBirth, readyAt: Int?) {
        serial += 1
        let name = birth.generateName + "\(serial)"
        let facts = PodFacts(
            name: name, uid: "uid-\(serial)", labels: birth.labels, controllerUID: birth.owner.uid,
            phase: .pending, node: "node-\(serial % 3)", created: now)
        pods[name] = Pod(facts: facts, set: set.facts.name, readyAt: readyAt)
    }

    /// The API server marks a pod; the kubelet ends it some seconds later.
    mutating func deletePod(_ name: String, after seconds: Int) {
        guard var pod = pods[name], !pod.facts.terminating else { return }
        pod.facts.terminating = true
        pod.goneAt = now + seconds
        pods[name] = pod
    }

    mutating func failPod(_ name: String) {
        pods[name]?.facts.phase = .failed
        pods[name]?.facts.readySince = nil
        pods[name]?.readyAt = nil
    }

    /// One second on the nodes.
    mutating func tick() {
        now += 1
        for (name, pod) in pods {
            if let goneAt = pod.goneAt, goneAt <= now { pods[name] = nil }
            guard let readyAt = pod.readyAt, readyAt <= now, pod.facts.readySince == nil else {
                continue
            }
            pods[name]?.facts.phase = .running
            pods[name]?.facts.readySince = now
        }
    }

    /// Pods that could answer a request now and can be counted on.
    func available(minReadySeconds: Int) -> Int {
        pods.values.filter { pod in
            guard let since = pod.facts.readySince else { return false }
            return !pod.facts.terminating && now - since >= minReadySeconds
        }.count
    }

    /// Pods of a set that are neither ending nor ended.
    func active(_ set: String) -> Int {
        pods.values.filter { $0.set == set && !$0.facts.terminating && $0.facts.phase != .failed }
            .count
    }
}
