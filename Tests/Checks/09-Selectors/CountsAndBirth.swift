import ContractSelectors
import Grading

/// 09.2: which pods count.
let endedPodsDoNotCount = Check("09.2") { bench in
    let part = RemoteSelectors(asking: bench.part)
    let table: [(pod: PodFacts, counts: Bool, claim: String, idea: String)] = [
        (pod("a"), true, "a running, ready pod counts", "It does its work."),
        (
            pod("a", phase: .pending, node: nil, readySince: nil), true,
            "a pod that starts counts",
            "It is on its way. Who doesn't count it makes another one at every look until it is "
                + "ready."
        ),
        (
            pod("a", readySince: nil), true, "a running pod that is not ready counts",
            "Ready says whether it gets requests, not whether it is there."
        ),
        (
            pod("a", phase: .unknown), true, "a pod of which nothing is known counts",
            "Its node is silent. Perhaps it runs; who replaces it has one too many when the node "
                + "comes back."
        ),
        (
            pod("a", terminating: true), false, "a pod that is being deleted does not count",
            "It still runs, for the length of its grace period; but it is on its way out."
        ),
        (
            pod("a", phase: .failed), false, "a pod that failed does not count",
            "Its containers have ended and are not started again: it does nothing any more."
        ),
        (
            pod("a", phase: .succeeded), false, "a pod that has finished does not count",
            "It ended well, and it ended."
        ),
        (
            pod("a", owner: nil, terminating: true), false,
            "whose a pod is has nothing to do with it", "It is being deleted all the same."
        ),
    ]
    for row in table {
        let state =
            "\(row.pod.phase.rawValue)\(row.pod.terminating ? ", terminating" : "")"
            + (row.pod.readySince == nil ? ", not ready" : "")
        try expect(
            try part.counts(row.pod), is: row.counts, "\(row.claim) (\(state))", idea: row.idea)
    }
}

/// 09.3: a new pod has the template's labels, and an owner.
let newPodHasAnOwner = Check("09.3") { bench in
    let part = RemoteSelectors(asking: bench.part)
    let set = webSet()
    let birth = try part.newPod(set)
    try expect(
        text(birth.labels), is: text(set.templateLabels),
        "a new pod has the template's labels, the hash among them",
        idea:
            "The selector says what is asked for, and may ask for less than the template gives. "
            + "Without the hash no rollout would find its pods."
    )
    try expect(
        birth.generateName, is: "web-5d8f-", "its name begins with the set's, and a dash",
        idea: "The API server adds five letters to generateName: web-5d8f-x7k2p.")
    try expect(
        birth.owner.uid, is: set.uid, "the owner is named by its UID",
        idea:
            "A set that is deleted and made again has the same name and other pods. A UID is "
            + "never used twice."
    )
    try require(
        birth.owner.controller, "the owner is the pod's controller", seen: "controller: false",
        idea:
            "A pod may have several owners, and one controller: the one that counts it. Without "
            + "that mark nobody does."
    )
    try expect(
        birth.owner,
        is: .init(
            apiVersion: "apps/v1", kind: "ReplicaSet", name: set.name, uid: set.uid,
            controller: true, blockOwnerDeletion: true),
        "the owner reference says all that the garbage collector needs",
        idea:
            "Group and version, kind, name, UID; and blockOwnerDeletion, so that a foreground "
            + "deletion of the set waits for the pod."
    )
    let second = ReplicaSetFacts(
        name: "api-77", uid: "u9", selector: Selector(matchLabels: ["app": "api"]),
        templateLabels: ["app": "api"], replicas: 1)
    let other = try part.newPod(second)
    try expect(
        [other.generateName, other.owner.uid, text(other.labels)],
        is: ["api-77-", "u9", "app=api"],
        "another set's pods are made for that set",
        idea: "All of it comes from the set that is given.")
}
