import ContractSelectors
import Grading

/// 09.5: who goes first.
let whomNobodyMissesGoesFirst = Check("09.5") { bench in
    let part = RemoteSelectors(asking: bench.part)
    for index in criteria.indices { try firstDifferenceDecides(part, index) }
    var dice = Dice(seed: UInt64(bench.options.seed))
    for _ in 0..<25 { try anyPods(part, &dice) }
}

/// One criterion: its name, and two pods that differ in nothing that stands before it; the first
/// goes first.
private struct Criterion {
    var name: String
    var first: PodFacts
    var second: PodFacts
    var idea: String
}

private let crowd = ["node-1": 2, "node-2": 5, "node-4": 1, "node-5": 0]

/// In the order in which they decide. Where it can, the pod that goes second is the one that a
/// later criterion would send first.
private let criteria = [
    Criterion(
        name: "a pod without a node goes before one that has one",
        first: pod("b", phase: .pending, node: nil, readySince: nil, cost: 9),
        second: pod("a", phase: .pending, readySince: nil, created: 9),
        idea: "Nothing runs yet, so nothing is lost."),
    Criterion(
        name: "a pending pod goes before a running one",
        first: pod("b", phase: .pending, readySince: nil, cost: 9),
        second: pod("a", readySince: nil),
        idea: "Its containers don't run yet. Phases go Pending, Unknown, Running."),
    Criterion(
        name: "a pod of an unknown phase goes before a running one",
        first: pod("b", phase: .unknown, cost: 9), second: pod("a", readySince: nil),
        idea: "A node that is silent may be gone. Phases go Pending, Unknown, Running."),
    Criterion(
        name: "a pod that is not ready goes before a ready one",
        first: pod("b", readySince: nil, cost: 9), second: pod("a", cost: -9),
        idea: "It answers no requests. That counts more than what its owner says it costs."),
    Criterion(
        name: "a lower deletion cost goes first", first: pod("b", cost: -1),
        second: pod("a", node: "node-2"),
        idea:
            "The annotation pod-deletion-cost is the owner's word, and stands before what the "
            + "set can see for itself."
    ),
    Criterion(
        name: "a pod on a more crowded node goes first",
        first: pod("b", node: "node-2", readySince: 1), second: pod("a", readySince: 9),
        idea: "What is left should be spread: five of its kind are on node-2, two on node-1."),
    Criterion(
        name: "a pod on a node with one of its kind goes before one on a node without an entry",
        first: pod("b", node: "node-4", readySince: 1),
        second: pod("a", node: "node-3", readySince: 9),
        idea: "Who is not in the table has none of its kind: one is more than none."),
    Criterion(
        name: "a pod that has been ready for less time goes first",
        first: pod("b", readySince: 9), second: pod("a", readySince: 1, restarts: 3),
        idea: "Who has served long has shown that it can."),
    Criterion(
        name: "a node without an entry is as empty as one with none",
        first: pod("b", node: "node-3", readySince: 9),
        second: pod("a", node: "node-5", readySince: 1),
        idea: "None and none: what comes next in the list decides."),
    Criterion(
        name: "more restarts go first", first: pod("b", restarts: 3), second: pod("a", created: 9),
        idea: "It has crashed before."),
    Criterion(
        name: "the younger goes first", first: pod("b", created: 9), second: pod("a", created: 1),
        idea: "The younger one's connections and caches are worth less. Created later is younger."),
    Criterion(
        name: "where all is the same the name decides", first: pod("a"), second: pod("b"),
        idea:
            "The order must not depend on that of a dictionary or a cache: the same pods, the "
            + "same answer."
    ),
]

private func firstDifferenceDecides(_ part: RemoteSelectors, _ index: Int) throws {
    let criterion = criteria[index]
    for pods in [[criterion.first, criterion.second], [criterion.second, criterion.first]] {
        let seen = try part.deletionOrder(pods, podsOnNode: crowd)
        try expect(
            seen, is: [criterion.first.name, criterion.second.name],
            "\(criterion.name): \(told(criterion.first)) and \(told(criterion.second))",
            idea: criterion.idea)
    }
}

private func told(_ pod: PodFacts) -> String {
    var words = [pod.phase.rawValue, pod.node ?? "no node"]
    words.append(pod.readySince.map { "ready since \($0)" } ?? "not ready")
    if pod.deletionCost != 0 { words.append("cost \(pod.deletionCost)") }
    if pod.restarts != 0 { words.append("\(pod.restarts) restarts") }
    if pod.created != 0 { words.append("created \(pod.created)") }
    return "\(pod.name) (\(words.joined(separator: ", ")))"
}

/// Whatever the pods: all of them, each before those that are missed more.
private func anyPods(_ part: RemoteSelectors, _ dice: inout Dice) throws {
    let phases: [PodFacts.Phase] = [.pending, .unknown, .running, .running]
    let pods = (1...dice.roll(2...7)).map { number in
        let node: String? = dice.chance(percent: 15) ? nil : "node-\(dice.roll(1...3))"
        let phase = node == nil ? .pending : phases[dice.roll(0...3)]
        let isReady = phase == .running && dice.chance(percent: 70)
        return pod(
            "p\(number)", phase: phase, node: node, readySince: isReady ? dice.roll(1...2) : nil,
            cost: dice.chance(percent: 30) ? dice.roll(-1...1) : 0, restarts: dice.roll(0...1),
            created: dice.roll(1...2))
    }
    let seen = try part.deletionOrder(pods, podsOnNode: crowd)
    try expect(
        seen.sorted(), is: pods.map(\.name).sorted(), "every pod is in the order, once",
        idea: "The order is of all pods that are given; how many of them go, the plan decides.")
    let byName = Dictionary(pods.map { ($0.name, $0) }) { $1 }
    for (name, next) in zip(seen, seen.dropFirst()) {
        guard let one = byName[name], let two = byName[next] else { continue }
        if let wrong = whyNotBefore(one, two) {
            throw Failed(
                "\(wrong): \(told(two)) before \(told(one))", seen: seen.joined(separator: ", "),
                idea:
                    "The first criterion in which two pods differ decides; later ones are not "
                    + "looked at."
            )
        }
    }
}

/// The criterion by which the second pod should have come first.
private func whyNotBefore(_ one: PodFacts, _ two: PodFacts) -> String? {
    func rank(_ pod: PodFacts) -> [Int] {
        let phases: [PodFacts.Phase] = [.pending, .unknown, .running]
        return [
            pod.node == nil ? 0 : 1, phases.firstIndex(of: pod.phase) ?? 3,
            pod.readySince == nil ? 0 : 1, pod.deletionCost,
            -(pod.node.flatMap { crowd[$0] } ?? 0), -(pod.readySince ?? 0), -pod.restarts,
            -pod.created,
        ]
    }
    // The phase has two lines in the table of criteria.
    let names = [0, 1, 3, 4, 5, 6, 7, 8].map { criteria[$0].name }
    for (index, pair) in zip(rank(one), rank(two)).enumerated() where pair.0 != pair.1 {
        return pair.0 < pair.1 ? nil : names[index]
    }
    return one.name < two.name ? nil : criteria[9].name
}
