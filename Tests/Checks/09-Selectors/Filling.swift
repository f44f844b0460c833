import ContractSelectors
import Grading

/// 09.6: the difference is created or deleted, and written down.
let differenceIsMadeOnce = Check("09.6") { bench in
    let part = RemoteSelectors(asking: bench.part)
    try creates(part)
    try deletes(part)
    try waits(part)
    try holdsStill(part)
}

private let now = 100_000

private func creates(_ part: RemoteSelectors) throws {
    let first = try part.plan(ReplicaSetView(set: webSet(), pods: [pod("a")], now: now))
    try expect(
        first.create, is: 2, "what is missing is created: 3 wanted, 1 there",
        idea: "The difference, no more and no less.")
    try expect(
        first.expectations.creations, is: 2, "what is created is expected",
        idea:
            "The cache will not show it at once. What was asked for has to be known at the next "
            + "look."
    )
    try expect(
        first.expectations.since, is: now, "an expectation has its moment",
        idea: "One that is never met must not hold the set up for ever: its age tells.")
    let crowd = [
        pod("mine"), pod("orphan", owner: nil), pod("foreign", owner: "u2"),
        pod("going", terminating: true), pod("failed", phase: .failed),
        pod("starting", phase: .pending, readySince: nil),
    ]
    let plan = try part.plan(ReplicaSetView(set: webSet(replicas: 5), pods: crowd, now: now))
    try expect(
        plan.create, is: 2,
        "of six pods three count: its own, the adopted, and the one that starts; 5 wanted",
        idea: "Pods of others, those that go and those that failed are not there for this set.")
    let many = try part.plan(ReplicaSetView(set: webSet(replicas: 2000), pods: [], now: now))
    try expect(
        many.create, is: ReplicaSetPlan.burst,
        "at most \(ReplicaSetPlan.burst) pods a look: 2000 wanted",
        idea: "A typo in `replicas` must not drown the API server before somebody can take it back."
    )
    try expect(
        many.expectations.creations, is: many.create, "as many are expected as are created",
        idea: "Who waits for pods that nobody made waits in vain.")
}

private func deletes(_ part: RemoteSelectors) throws {
    let pods = (1...5).map { pod("p\($0)", created: $0) }
    let plan = try part.plan(ReplicaSetView(set: webSet(), pods: pods, now: now))
    try expect(
        plan.delete, is: ["p5", "p4"], "what is too much is deleted: 3 wanted, 5 there",
        idea: "The first of the deletion order, as many as are too many.")
    try expect(
        plan.expectations.deletions.sorted(), is: ["uid-p4", "uid-p5"],
        "a deletion is expected by the pod's UID",
        idea:
            "A count would not do: pods of this set may go for other reasons meanwhile. And a "
            + "name can come back."
    )
    try expect(
        plan.create, is: 0, "nothing is created beside a deletion",
        idea: "There are too many; none is missing.")
    try expect(
        plan.status.replicas, is: 3, "the status does not count whom this look deletes",
        idea: "Who reads the status must not count on a pod that is as good as gone.")
    let crowd = (1...501).map { pod("p\($0)") }
    let none = try part.plan(ReplicaSetView(set: webSet(replicas: 0), pods: crowd, now: now))
    try expect(
        none.delete.count, is: ReplicaSetPlan.burst,
        "at most \(ReplicaSetPlan.burst) pods a look: 501 there, none wanted",
        idea: "The rest goes at the next look.")
}

private func waits(_ part: RemoteSelectors) throws {
    let open: [(expectations: Expectations, name: String)] = [
        (Expectations(creations: 1, since: now - 10), "a creation"),
        (Expectations(deletions: ["uid-x"], since: now - 10), "a deletion"),
    ]
    for (expectations, name) in open {
        for pods in [[pod("a")], (1...5).map { pod("p\($0)") }] {
            let view = ReplicaSetView(
                set: webSet(), pods: pods, expectations: expectations, now: now)
            let plan = try part.plan(view)
            try require(
                plan.create == 0 && plan.delete.isEmpty,
                "while \(name) is expected, nothing is created or deleted: 3 wanted, "
                    + "\(pods.count) in the cache",
                seen: "\(plan.create) created, \(plan.delete.count) deleted",
                idea:
                    "The cache doesn't show what was asked for 10 s ago. Its numbers are of the "
                    + "past."
            )
            try expect(
                plan.expectations, is: expectations, "and it goes on expecting it",
                idea: "Only what the cache shows, or time, ends an expectation.")
        }
    }
    let orphan = pod("orphan", owner: nil)
    let meanwhile = try part.plan(
        ReplicaSetView(
            set: webSet(), pods: [orphan], expectations: open[0].expectations, now: now))
    try expect(
        meanwhile.adopt, is: ["orphan"], "adopting does not wait",
        idea: "It changes no number that a stale cache could be wrong about twice.")
    let lost = Expectations(creations: 2, since: now - Expectations.patienceSeconds)
    let again = try part.plan(
        ReplicaSetView(set: webSet(), pods: [pod("a")], expectations: lost, now: now))
    try expect(
        again.create, is: 2,
        "an expectation that is \(Expectations.patienceSeconds) s old is taken for lost",
        idea:
            "The event may never come: a watch breaks off, somebody deletes the pod before it is "
            + "seen."
    )
    let old = now - Expectations.patienceSeconds
    for lost in [
        Expectations(creations: 2, since: old), Expectations(deletions: ["uid-x"], since: old),
    ] {
        let view = ReplicaSetView(
            set: webSet(), pods: (1...3).map { pod("p\($0)") }, expectations: lost, now: now)
        let kept = try part.plan(view).expectations
        try require(
            kept.creations == 0 && kept.deletions.isEmpty,
            "what is taken for lost is forgotten, also where nothing is missing: 3 wanted, 3 there",
            seen: "\(kept)",
            idea:
                "Kept with a new date it holds the set up again, for as long, at every look: the "
                + "event that would end it never comes."
        )
    }
}

private func holdsStill(_ part: RemoteSelectors) throws {
    let three = (1...3).map { pod("p\($0)") }
    let plan = try part.plan(ReplicaSetView(set: webSet(), pods: three, now: now))
    try require(
        plan.create == 0 && plan.delete.isEmpty, "where all is as wanted, nothing is done",
        seen: "\(plan.create) created, \(plan.delete.count) deleted",
        idea: "Most looks find nothing to do.")
    try require(
        plan.expectations.creations == 0 && plan.expectations.deletions.isEmpty,
        "where nothing is done, nothing is expected", seen: "\(plan.expectations)",
        idea: "An expectation that nothing can meet stops the set for five minutes.")
    for pods in [[], (1...5).map({ pod("p\($0)") })] {
        let going = try part.plan(
            ReplicaSetView(set: webSet(terminating: true), pods: pods, now: now))
        try require(
            going.create == 0 && going.delete.isEmpty,
            "a set that is being deleted creates and deletes nothing: \(pods.count) pods there",
            seen: "\(going.create) created, \(going.delete.count) deleted",
            idea:
                "Its pods are the garbage collector's business. With --cascade=orphan they are "
                + "to live."
        )
    }
}
