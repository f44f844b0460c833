import ContractRollout
import Grading
import WorkloadSimulation

/// A Deployment for a case of a table; its template is `v2` unless something else is said.
func deployment(
    _ replicas: Int, surge: Bound = .pods(1), unavailable: Bound = .pods(0), template: String = "v2"
) -> DeploymentFacts {
    DeploymentFacts(
        name: "web", replicas: replicas, maxSurge: surge, maxUnavailable: unavailable,
        templateHash: template, progressDeadlineSeconds: nil)
}

/// A ReplicaSet `web-HASH`, all of whose pods are available unless something else is said.
func set(
    _ hash: String, _ replicas: Int, ready: Int? = nil, available: Int? = nil, revision: Int = 1,
    desired: Int? = nil, created: Int = 1
) -> RevisionFacts {
    RevisionFacts(
        name: "web-\(hash)", templateHash: hash, revision: revision, desired: desired,
        replicas: replicas, pods: replicas, ready: ready ?? available ?? replicas,
        available: available ?? replicas, created: created)
}

func look(_ deployment: DeploymentFacts, _ sets: [RevisionFacts]) -> DeploymentView {
    DeploymentView(deployment: deployment, sets: sets, now: 1000)
}

/// The case in words.
func words(_ view: DeploymentView) -> String {
    let facts = view.deployment
    let sets = view.sets.map { set in
        let side = set.templateHash == facts.templateHash ? "new" : "old"
        let stale = set.observed ? "" : ", counted before it was resized"
        return "\(side) \(set.name) wants \(set.replicas): \(set.ready) ready, "
            + "\(set.available) available\(stale)"
    }
    return
        ([
            "\(facts.replicas) replicas, maxSurge \(facts.maxSurge), "
                + "maxUnavailable \(facts.maxUnavailable)"
        ] + sets).joined(separator: "; ")
}

func words(_ resizes: [Resize]) -> String {
    resizes.isEmpty
        ? "nothing is resized"
        : resizes.map { "\($0.name) \($0.from) → \($0.to)" }.joined(separator: ", ")
}

/// Runs a simulated life; a promise that broke becomes the step's failure.
func live(_ run: inout RolloutRun, _ life: (inout RolloutRun) throws -> Void) throws {
    do { try life(&run) } catch let broken as BrokenPromise {
        let (claim, idea) = meaning(of: broken.promise)
        throw Failed(
            claim, expected: broken.expected, seen: broken.seen, idea: idea,
            timeline: broken.timeline)
    }
}

private func meaning(of promise: BrokenPromise.Promise) -> (claim: String, idea: String) {
    switch promise {
    case .enoughAvailable:
        (
            "never below the bound: available pods stay at or above replicas - unavailable",
            "Only a pod that is available now can stand in for one that goes. What a set wants, "
                + "or was told to make, answers no request."
        )
    case .notTooManyWanted:
        (
            "never above the bound: all sets together want at most replicas + surge",
            "There may be more than two sets. Whoever grows has to count all of them."
        )
    case .done:
        (
            "a rollout comes to its end",
            "Each look has to find the next thing to do from nothing but what it sees. Which "
                + "look finds nothing, though not all is done?"
        )
    case .quiet:
        (
            "nothing is written once all is as wanted",
            "A look at a finished rollout changes nothing, however often it is made."
        )
    case .notTooManyPods, .enoughPods:
        ("a ReplicaSet has the pods that it wants", "The ReplicaSet controller is given here.")
    }
}
