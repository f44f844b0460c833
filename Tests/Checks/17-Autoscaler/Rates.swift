import ContractAutoscaler
import Grading

/// 17.6: no faster than the policies allow.
let policiesLimitThePace = Check("17.6") { bench in
    let part = RemoteAutoscaler(asking: bench.part)
    for row in upwards + downwards { try row.check(part) }
}

/// What is wanted, what was changed lately, and how far the policies let it go.
private struct PaceCase {
    var claim: String
    var current: Int
    var wanted: Int
    var changes: [(ago: Int, value: Int)] = []
    var rules: ScalingRules
    var maxReplicas = 100
    var allowed: Int
    var idea: String

    func check(_ part: RemoteAutoscaler) throws {
        var view = AutoscalerView(
            maxReplicas: maxReplicas, current: current, metrics: [], now: 100_000)
        if wanted > current { view.up = rules } else { view.down = rules }
        view.changes = changes.map { Past($0.value, at: view.now - $0.ago) }
        let policies = rules.policies.map {
            "\($0.value)\($0.kind == .percent ? " %" : " pods") in \($0.periodSeconds) s"
        }
        let done = changes.map { "\($0.value > 0 ? "+" : "")\($0.value) \($0.ago) s ago" }
        try expect(
            try part.limit(wanted, view: view), is: allowed,
            "\(claim): \(current) pods, \(wanted) wanted, \(rules.select.rawValue) of "
                + "\(policies.joined(separator: ", ")); lately "
                + "\(done.isEmpty ? "nothing" : done.joined(separator: ", "))",
            idea: idea)
    }
}

private func rules(_ select: ScalingRules.Select, _ policies: ScalingRules.Policy...)
    -> ScalingRules
{
    ScalingRules(windowSeconds: 0, select: select, policies: policies)
}

private let upwards = [
    PaceCase(
        claim: "what the policies allow is not touched", current: 2, wanted: 3, rules: .defaultUp,
        allowed: 3, idea: "A limit cuts off what is beyond it."),
    PaceCase(
        claim: "a small set grows by pods", current: 2, wanted: 20, rules: .defaultUp, allowed: 6,
        idea: "Max takes the policy that allows most: four more, or double."),
    PaceCase(
        claim: "a big set grows by percent", current: 10, wanted: 50, rules: .defaultUp,
        allowed: 20,
        idea: "Double is ten more, which is more than four more."),
    PaceCase(
        claim: "what was added in the period counts", current: 6, wanted: 20, changes: [(10, 4)],
        rules: .defaultUp, allowed: 6,
        idea:
            "Allowed is four pods in 15 s, not four pods a look. Go back to the number at the "
            + "period's start."
    ),
    PaceCase(
        claim: "what was added before the period doesn't count", current: 6, wanted: 20,
        changes: [(15, 4)], rules: .defaultUp, allowed: 12,
        idea: "A change that is exactly a period old is out of it: the period starts with 6."),
    PaceCase(
        claim: "each policy has its own period", current: 6, wanted: 50, changes: [(30, 3)],
        rules: rules(
            .min, .init(.pods, 8, periodSeconds: 15), .init(.pods, 5, periodSeconds: 60)),
        allowed: 8,
        idea: "In the last 60 s it grew from 3: 3 and 5. In the last 15 s it didn't: 6 and 8."),
    PaceCase(
        claim: "Min takes the policy that allows least", current: 10, wanted: 50,
        rules: rules(
            .min, .init(.pods, 4, periodSeconds: 15), .init(.percent, 100, periodSeconds: 15)),
        allowed: 14, idea: "Four more, or double: the least change is four more."),
    PaceCase(
        claim: "a percentage upwards is rounded up", current: 3, wanted: 50,
        rules: rules(.max, .init(.percent, 10, periodSeconds: 15)), allowed: 4,
        idea: "10 % of 3, rounded down, is none: such a set could never grow."),
    PaceCase(
        claim: "what was taken away in the period is added to its start", current: 7, wanted: 50,
        changes: [(12, 4), (6, -2)], rules: rules(.max, .init(.pods, 4, periodSeconds: 15)),
        allowed: 9,
        idea: "Start from now and undo what was done since: 7 - 4 + 2 = 5, and four more."),
    PaceCase(
        claim: "what was done isn't undone", current: 10, wanted: 20, changes: [(5, 9)],
        rules: rules(.max, .init(.pods, 4, periodSeconds: 15)), allowed: 10,
        idea:
            "The set grew by hand, faster than allowed. That is no reason to shrink it while "
            + "more is wanted."
    ),
    PaceCase(
        claim: "Disabled means not at all", current: 5, wanted: 9,
        rules: rules(.disabled, .init(.pods, 4, periodSeconds: 15)), allowed: 5,
        idea: "Whatever the policies say: this direction is switched off."),
    PaceCase(
        claim: "the bounds hold last", current: 6, wanted: 20, rules: .defaultUp, maxReplicas: 8,
        allowed: 8, idea: "Twelve would be allowed by the policies, eight by the owner."),
    PaceCase(
        claim: "without a policy nothing moves", current: 5, wanted: 9, rules: rules(.max),
        allowed: 5, idea: "The policies say what is allowed. Where there is none, nothing is."),
    PaceCase(
        claim: "without a policy nothing moves", current: 5, wanted: 9, rules: rules(.min),
        allowed: 5, idea: "The policies say what is allowed. Where there is none, nothing is."),
    PaceCase(
        claim: "a percentage that comes to the least fraction is one more", current: 1, wanted: 9,
        rules: rules(.max, .init(.percent, 1, periodSeconds: 15)), allowed: 2,
        idea: "101 % of 1, rounded up, are 2."),
]

private let downwards = [
    PaceCase(
        claim: "downwards the default lets it fall by any number", current: 50, wanted: 1,
        rules: .defaultDown, allowed: 1, idea: "100 % may go in one period."),
    PaceCase(
        claim: "downwards Max is the lowest number", current: 50, wanted: 1,
        rules: rules(
            .max, .init(.percent, 10, periodSeconds: 60), .init(.pods, 3, periodSeconds: 60)),
        allowed: 45, idea: "Max allows the most *change*: five fewer, not three."),
    PaceCase(
        claim: "downwards Min is the highest number", current: 50, wanted: 1,
        rules: rules(
            .min, .init(.percent, 10, periodSeconds: 60), .init(.pods, 3, periodSeconds: 60)),
        allowed: 47, idea: "Min allows the least change: three fewer."),
    PaceCase(
        claim: "a percentage downwards leaves the rounded-down number", current: 9, wanted: 1,
        rules: rules(.max, .init(.percent, 10, periodSeconds: 60)), allowed: 8,
        idea: "90 % of 9 is 8.1: eight may stay. Rounded up, small sets could never shrink."),
    PaceCase(
        claim: "what was taken away in the period counts", current: 8, wanted: 1,
        changes: [(30, -2)],
        rules: rules(.max, .init(.pods, 3, periodSeconds: 60)), allowed: 7,
        idea: "60 s ago there were ten: down to seven."),
    PaceCase(
        claim: "Disabled means not at all", current: 5, wanted: 1,
        rules: rules(.disabled, .init(.pods, 4, periodSeconds: 15)), allowed: 5,
        idea: "Whatever the policies say: this direction is switched off."),
    PaceCase(
        claim: "without a policy nothing moves", current: 5, wanted: 1, rules: rules(.max),
        allowed: 5, idea: "The policies say what is allowed. Where there is none, nothing is."),
    PaceCase(
        claim: "without a policy nothing moves", current: 5, wanted: 1, rules: rules(.min),
        allowed: 5, idea: "The policies say what is allowed. Where there is none, nothing is."),
    PaceCase(
        claim: "a percentage downwards leaves nearly a pod less", current: 101, wanted: 1,
        rules: rules(.max, .init(.percent, 1, periodSeconds: 60)), maxReplicas: 200, allowed: 99,
        idea: "99 % of 101 are 99.99: rounded down, 99 may stay."),
]
