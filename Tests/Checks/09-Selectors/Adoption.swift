import Grading
import JSON

/// 09.8: in a running cluster a stranger is adopted, and a relabelled pod lives on without its
/// owner.
let strangerIsAdopted = Check(
    "09.8", requires: [Kubectl.requirement, .cluster(onPartOf: "09")], live: true
) { bench in
    guard let config = bench.options.live else { return }
    try Kubectl.inNamespace(config, prefix: "check-09") { kubectl in
        try kubectl.apply(stranger.text)
        let uid = try kubectl.get("pod", "stranger").at("metadata", "uid")?.string
        try kubectl.apply(replicaSet.text)
        let set = try kubectl.get("replicaset", "web").at("metadata", "uid")?.string
        try adopts(kubectl, set)
        try kubectl.run(["label", "pod", "stranger", "app=debug", "--overwrite"])
        try releases(kubectl, set, stranger: uid)
    }
}

private func adopts(_ kubectl: Kubectl, _ set: String?) throws {
    let isAdopted = try kubectl.eventually(seconds: 30) {
        try owner(of: kubectl.get("pod", "stranger")) == set
    }
    let seen = try owner(of: kubectl.get("pod", "stranger")) ?? "nobody"
    try require(
        isAdopted, "a pod without an owner, whose labels fit, is adopted by the new ReplicaSet",
        seen:
            "its owner is \(seen) after 30 s",
        idea:
            "claim: no controller, labels match. The plan's `adopt` names it, and the controller "
            + "writes the owner reference."
    )
    let owners = try settledOwners(kubectl, set, count: 2)
    try expect(
        owners, is: ["the ReplicaSet", "the ReplicaSet"],
        "the adopted pod counts: 2 wanted, so one more is made",
        idea: "From the moment it is adopted it is one of the set's own.")
}

private func releases(_ kubectl: Kubectl, _ set: String?, stranger uid: String?) throws {
    let isReleased = try kubectl.eventually(seconds: 30) {
        try owner(of: kubectl.get("pod", "stranger")) == nil
    }
    try require(
        isReleased, "a pod whose labels no longer fit is released",
        seen: "its owner is still the ReplicaSet after 30 s",
        idea: "claim: this set's UID, labels don't match.")
    let pod = try kubectl.get("pod", "stranger")
    try require(
        pod.at("metadata", "uid")?.string == uid && pod.at("metadata", "deletionTimestamp") == nil,
        "the released pod lives on", seen: "it was deleted, or made anew",
        idea: "Releasing takes away an owner reference. Nothing is deleted.")
    let owners = try settledOwners(kubectl, set, count: 2)
    try expect(
        owners, is: ["the ReplicaSet", "the ReplicaSet"], "a replacement appears",
        idea: "Two are wanted, and the released pod is none of them.")
}

/// Who owns the pods that fit and are not on their way out, once there are so many or after 30 s.
private func settledOwners(_ kubectl: Kubectl, _ set: String?, count: Int) throws -> [String] {
    var owners: [String] = []
    try kubectl.eventually(seconds: 30) {
        let pods = try kubectl.get("pods", "-l", "app=web")["items"]?.array ?? []
        let staying = pods.filter { $0.at("metadata", "deletionTimestamp") == nil }
        owners = staying.map(owner).map { uid in
            uid == set ? "the ReplicaSet" : uid == nil ? "nobody" : "another owner"
        }
        return owners.count == count
    }
    return owners
}

/// The UID of the pod's controller.
private func owner(of pod: JSON) -> String? {
    let references = pod.at("metadata", "ownerReferences")?.array ?? []
    return references.first { $0["controller"] == true }?["uid"]?.string
}

private let containers: JSON = [
    "containers": [["name": "web", "image": "drydock/web:v1"]],
    "terminationGracePeriodSeconds": 0,
]
private let stranger: JSON = [
    "apiVersion": "v1", "kind": "Pod",
    "metadata": ["name": "stranger", "labels": ["app": "web"]], "spec": containers,
]
private let replicaSet: JSON = [
    "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": ["name": "web"],
    "spec": [
        "replicas": 2, "selector": ["matchLabels": ["app": "web"]],
        "template": ["metadata": ["labels": ["app": "web"]], "spec": containers],
    ],
]
