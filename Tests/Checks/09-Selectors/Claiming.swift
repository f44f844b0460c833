import ContractSelectors
import Grading

/// 09.4: adopting and releasing.
let ownersAndLabelsDecide = Check("09.4") { bench in
    let part = RemoteSelectors(asking: bench.part)
    for row in claimCases {
        let state =
            "labels \(text(row.pod.labels)), controller \(row.pod.controllerUID ?? "none"), "
            + "\(row.pod.phase.rawValue)\(row.pod.terminating ? ", terminating" : "")"
        let set = webSet(terminating: row.isGoing)
        try expect(
            try part.claim(set, pods: [row.pod]), is: row.claim,
            "\(row.title): set u1\(row.isGoing ? ", being deleted," : ""), pod with \(state)",
            idea: row.idea)
    }
    let crowd = claimCases.filter { !$0.isGoing }.map(\.pod)
    let claim = try part.claim(webSet(), pods: crowd)
    let wanted = Claim(
        mine: ["mine"], adopt: ["orphan", "slow-orphan"], release: ["stray"])
    try expect(
        claim, is: wanted, "all of them at once, each list in the order of the pods",
        idea: "One pod's fate has nothing to do with another's.")
}

private struct ClaimCase {
    var title: String
    var pod: PodFacts
    var isGoing = false
    var claim: Claim
    var idea: String
}

private let claimCases = [
    ClaimCase(
        title: "a pod that is owned and matches is mine", pod: pod("mine"),
        claim: Claim(mine: ["mine"]),
        idea: "The owner reference has this set's UID, and the labels still fit."),
    ClaimCase(
        title: "a pod that is owned and no longer matches is released",
        pod: pod("stray", labels: other),
        claim: Claim(release: ["stray"]),
        idea:
            "Somebody relabelled it, to look at it in peace. It loses its owner reference, and "
            + "lives on."
    ),
    ClaimCase(
        title: "an orphan that matches is adopted", pod: pod("orphan", owner: nil),
        claim: Claim(adopt: ["orphan"]),
        idea: "Nobody owns it, and it is what the selector asks for. From now on it counts."),
    ClaimCase(
        title: "an orphan that starts is adopted too",
        pod: pod("slow-orphan", owner: nil, phase: .pending, readySince: nil),
        claim: Claim(adopt: ["slow-orphan"]),
        idea: "A pod that is not ready counts: it is on its way."),
    ClaimCase(
        title: "an orphan that doesn't match is left alone",
        pod: pod("bare", labels: other, owner: nil),
        claim: Claim(), idea: "Nothing joins it to this set."),
    ClaimCase(
        title: "a pod of another owner is left alone, whatever its labels",
        pod: pod("foreign", owner: "u2"),
        claim: Claim(),
        idea:
            "Two sets whose selectors overlap would steal each other's pods for ever. The owner "
            + "decides, the labels come second."
    ),
    ClaimCase(
        title: "a pod of another owner that doesn't match is left alone",
        pod: pod("far", labels: other, owner: "u2"), claim: Claim(),
        idea: "Only an owner releases what it owns."),
    ClaimCase(
        title: "an orphan that is being deleted is not adopted",
        pod: pod("dying", owner: nil, terminating: true), claim: Claim(),
        idea: "It doesn't count; who adopts it has a pod too few a moment later."),
    ClaimCase(
        title: "an owned pod that failed is in no list", pod: pod("failed", phase: .failed),
        claim: Claim(),
        idea: "Only pods that count are sorted. It keeps its owner, who may clean up later."),
    ClaimCase(
        title: "a set that is being deleted adopts nothing", pod: pod("orphan", owner: nil),
        isGoing: true, claim: Claim(),
        idea: "With --cascade=orphan its pods have just been set free; they must stay so."),
    ClaimCase(
        title: "a set that is being deleted releases nothing", pod: pod("stray", labels: other),
        isGoing: true, claim: Claim(),
        idea: "Its pods go with it: the garbage collector finds them by the reference."),
    ClaimCase(
        title: "a set that is being deleted still knows its own", pod: pod("mine"), isGoing: true,
        claim: Claim(mine: ["mine"]), idea: "Its status is true to the end."),
]
