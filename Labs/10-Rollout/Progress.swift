import ContractRollout

/// How a rollout stands.
enum Standing: Hashable, Sendable {
    case complete
    /// A number got better since the last look: the deadline starts anew.
    case better
    /// There is no earlier look to compare with: the deadline starts now.
    case first
    case waiting
    /// Nothing got better for longer than the deadline.
    case stalled
}

extension Rollout {
    /// What the deadline makes of this look.
    ///
    /// Better is: more updated pods, fewer old ones (`replicas - updated`), more ready or more
    /// available ones than there were. The deadline is counted from the last time that this was so.
    /// - Parameters:
    ///   - numbers: those of this look; `before` those of the last.
    ///   - since: when progress was last seen; nil where it never was.
    private func standing(
        complete: Bool, _ numbers: DeploymentNumbers, before: DeploymentNumbers, since: Int?,
        deadline: Int, now: Int
    ) throws -> Standing {
        // step 10.6 begin
        throw Unfinished("10.6")
        // step 10.6 end
    }

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

    /// The condition Progressing, in Kubernetes' words.
    private func progress(
        _ view: DeploymentView, _ new: RevisionFacts?, complete: Bool, deadline: Int,
        _ plan: RolloutPlan
    ) throws -> RolloutCondition? {
        let (deployment, before) = (view.deployment, view.deployment.progressing)
        let subject = new.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(deployment.name)\""
        func condition(_ status: String, _ reason: String, _ message: String) -> RolloutCondition {
            next(before, status, reason, message, now: view.now)
        }
        let isFinished = before?.reason == "NewReplicaSetAvailable"
        if deployment.paused {
            if before?.reason == "ProgressDeadlineExceeded" { return before }
            return condition("Unknown", "DeploymentPaused", "Deployment is paused")
        }
        if before?.reason == "DeploymentPaused" {
            return condition("Unknown", "DeploymentResumed", "Deployment is resumed")
        }
        if let name = plan.create?.name {
            return condition("True", "NewReplicaSetCreated", "Created new replica set \"\(name)\"")
        }
        // A finished rollout stays finished when a pod dies later.
        if isFinished, plan.status.replicas == plan.status.updated { return before }
        switch try standing(
            complete: complete, plan.status, before: deployment.status,
            since: isFinished ? nil : before?.lastUpdate, deadline: deadline, now: view.now)
        {
        case .complete:
            return condition(
                "True", "NewReplicaSetAvailable", "\(subject) has successfully progressed.")
        case .better:
            var fresh = condition("True", "ReplicaSetUpdated", "\(subject) is progressing.")
            fresh.lastUpdate = view.now
            return fresh
        case .first:
            return condition("True", "FoundNewReplicaSet", "Found new replica set for \(subject)")
        case .waiting: return before
        case .stalled:
            return condition(
                "False", "ProgressDeadlineExceeded", "\(subject) has timed out progressing.")
        }
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
