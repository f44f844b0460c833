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
        throw Unfinished("10.9")
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
