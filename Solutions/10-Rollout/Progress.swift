import Contracts

extension Rollout {
    /// Fills in the conditions, and when to look again.
    func describe(
        _ view: DeploymentView, _ new: RevisionFacts?, complete: Bool, _ plan: inout RolloutPlan
    ) throws {
        let deployment = view.deployment
        let needed = max(0, deployment.replicas - (try allowedBounds(deployment).unavailable))
        let enough = plan.status.available >= needed
        plan.available = next(
            deployment.available, enough ? "True" : "False",
            enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            enough
                ? "Deployment has minimum availability."
                : "Deployment does not have minimum availability.", now: view.now)
        guard let deadline = deployment.progressDeadlineSeconds else { return }
        plan.progressing = try progress(view, new, complete: complete, deadline: deadline, plan)
        if !complete, !deployment.paused, let progressing = plan.progressing,
            progressing.status != "False"
        {
            plan.againInSeconds = max(1, progressing.lastUpdate + deadline + 1 - view.now)
        }
    }

    /// Whether the rollout gets on. The deadline runs from the last time that a number got better.
    private func progress(
        _ view: DeploymentView, _ new: RevisionFacts?, complete: Bool, deadline: Int,
        _ plan: RolloutPlan
    ) throws -> RolloutCondition? {
        // step 10.9 begin
        let deployment = view.deployment
        let before = deployment.progressing
        let subject = new.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(deployment.name)\""
        func condition(_ status: String, _ reason: String, _ message: String) -> RolloutCondition {
            next(before, status, reason, message, now: view.now)
        }
        if deployment.paused {
            if before?.reason == "ProgressDeadlineExceeded" { return before }
            return condition("Unknown", "DeploymentPaused", "Deployment is paused")
        }
        if before?.reason == "DeploymentPaused" {
            return condition("Unknown", "DeploymentResumed", "Deployment is resumed")
        }
        if let create = plan.create {
            return condition(
                "True", "NewReplicaSetCreated", "Created new replica set \"\(create.name)\"")
        }
        // A finished rollout stays finished when a pod dies later.
        if before?.reason == "NewReplicaSetAvailable", plan.status.replicas == plan.status.updated {
            return before
        }
        if complete {
            return condition(
                "True", "NewReplicaSetAvailable", "\(subject) has successfully progressed.")
        }
        if plan.status.isBetter(than: deployment.status) {
            var fresh = condition("True", "ReplicaSetUpdated", "\(subject) is progressing.")
            fresh.lastUpdate = view.now
            return fresh
        }
        guard let before, before.reason != "NewReplicaSetAvailable" else {
            return condition("True", "FoundNewReplicaSet", "Found new replica set for \(subject)")
        }
        if before.lastUpdate + deadline < view.now || before.reason == "ProgressDeadlineExceeded" {
            return condition(
                "False", "ProgressDeadlineExceeded", "\(subject) has timed out progressing.")
        }
        return before
        // step 10.9 end
    }

    /// A condition that keeps its times where nothing changed.
    private func next(
        _ before: RolloutCondition?, _ status: String, _ reason: String, _ message: String, now: Int
    ) -> RolloutCondition {
        if let before, before.status == status, before.reason == reason { return before }
        return RolloutCondition(
            status: status, reason: reason, message: message, lastUpdate: now,
            lastTransition: before.flatMap { $0.status == status ? $0.lastTransition : nil } ?? now)
    }
}

extension DeploymentNumbers {
    /// More new pods, fewer old ones, more ready or more available than there were.
    func isBetter(than before: DeploymentNumbers) -> Bool {
        updated > before.updated || replicas - updated < before.replicas - before.updated
            || ready > before.ready || available > before.available
    }
}
