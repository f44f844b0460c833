import ContractAutoscaler
import Grading

/// 17.1: usage over requests, rounded up, with a tolerance.
let usageOverRequests = Check("17.1") { bench in
    let part = RemoteAutoscaler(asking: bench.part)
    try percentIsOfAll(part)
    for row in formulaCases { try row.check(part) }
    var dice = Dice(seed: UInt64(bench.options.seed))
    for _ in 0..<20 { try anyLoad(part, &dice) }
}

private let formulaCases = [
    WishCase(
        "the pods are as many more as the usage is above the target", cpu(pods([100, 100, 100])),
        current: 3, wanted: 6,
        idea:
            "All of the requests, where half is meant, is twice too much: twice the pods."
    ),
    WishCase(
        "a fraction of a pod is a whole pod", cpu(pods([62, 62])), current: 2, wanted: 3,
        idea: "2.48 pods: with two of them each would still be above its target."),
    WishCase(
        "what comes out even is no pod more",
        cpu(pods(Array(repeating: 290, count: 7)), target: 70), current: 7, wanted: 29,
        idea:
            "7 times 290 is 29 times 70. A computer's 290/70 times 7 is a little more than 29, and rounding up makes a "
            + "whole pod of it: stay with whole numbers."),
    WishCase(
        "a load that shrank asks for fewer", cpu(pods([10, 10, 10, 10])), current: 4, wanted: 1,
        idea: "The same formula, downwards: 0.2 times 4, rounded up."),
    WishCase(
        "8 % above the target is within the tolerance", cpu(pods([54, 54, 54])), current: 3,
        wanted: 3,
        idea: "Every measurement has noise. Within 10 % of the target nothing moves."),
    WishCase(
        "8 % below the target is within the tolerance",
        cpu(pods(Array(repeating: 46, count: 20))), current: 20, wanted: 20,
        idea: "The tolerance holds on both sides, also where the formula would ask for a pod "
            + "less."),
    WishCase(
        "exactly 10 % above the target is within the tolerance",
        cpu(pods(Array(repeating: 55, count: 10))), current: 10, wanted: 10,
        idea:
            "At most 10 %. If you compare fractions: 1.1 - 1 is a little more than 0.1 to a "
            + "computer; whole numbers are exact."
    ),
    WishCase(
        "12 % above the target is outside the tolerance",
        cpu(pods(Array(repeating: 56, count: 10))), current: 10, wanted: 12,
        idea:
            "56 is 6 away from 50, and 10 % of 50 is 5. The tolerance is a share of the target, "
            + "not points of the percentage."
    ),
    WishCase(
        "within the tolerance the wanted number stays, also while not all its pods are there",
        cpu(pods([52, 52, 52])), current: 5, wanted: 5,
        idea: "Nothing changes means: as many as are wanted now, not as many as were measured."),
    WishCase(
        "the formula counts the pods that were measured",
        cpu(pods([90, 90, 90])), current: 5, wanted: 6,
        idea: "The usage is that of three pods, so it is three that are multiplied."),
    WishCase(
        "an average value needs no requests",
        MetricFacts(
            resource: "memory", kind: .averageValue, target: 200,
            pods: pods([300, 500])),
        current: 2, wanted: 4,
        idea: "800 in all, 200 each: four. The value stands for itself there."),
    WishCase(
        "10.1 % above the target is outside the tolerance",
        average(Array(repeating: 1101, count: 10), target: 1000), current: 10, wanted: 12,
        idea: "A tenth of 1000 is 100, and 101 is more."),
    WishCase(
        "the least fraction of a pod is a whole pod", average([2001], target: 1000), current: 1,
        wanted: 3, idea: "2.001 pods: with two of them each would still be above its target."),
]

/// A metric that stands for itself, without requests.
func average(_ usage: [Int?], target: Int) -> MetricFacts {
    MetricFacts(resource: "memory", kind: .averageValue, target: target, pods: pods(usage))
}

/// Not the mean of the pods' own percentages.
private func percentIsOfAll(_ part: RemoteAutoscaler) throws {
    let uneven = [
        PodSample(name: "small", usage: 90, request: 100),
        PodSample(name: "big", usage: 10, request: 400),
    ]
    let seen = try part.recommend(cpu(uneven, target: 40), current: 2)
    try expect(
        seen.utilization, is: 20,
        "the percentage is of all usage over all requests: 90 of 100 and 10 of 400",
        idea: "100 of 500. A mean of 90 % and 2 % would count a small pod as much as a big one.")
}

/// Whatever the load: the fewest pods with which the target is not exceeded, or nothing moves.
private func anyLoad(_ part: RemoteAutoscaler, _ dice: inout Dice) throws {
    let target = 10 * dice.roll(2...9)
    let usage = (0..<dice.roll(1...9)).map { _ in dice.roll(1...250) }
    let (count, value) = (usage.count, usage.reduce(0, +) / usage.count)
    let seen = try part.recommend(cpu(pods(usage), target: target), current: count).replicas
    let scene = "\(count) pods at \(value) % on average, target \(target) %"
    if abs(value - target) * 10 <= target {
        return try expect(
            seen, is: count, "within the tolerance nothing changes: \(scene)",
            idea: "Ten percent of the target, on both sides.")
    }
    try require(
        seen * target >= value * count,
        "as many pods as bring the usage down to the target: \(scene)",
        seen: "\(seen) pods, which would be at \(value * count / max(1, seen)) %",
        idea: "A pod too few is an overload: fractions are rounded up.")
    try require(
        (seen - 1) * target < value * count, "and no pod more than that: \(scene)",
        seen: "\(seen) pods", idea: "One pod fewer would have been enough.")
}
