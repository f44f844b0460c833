import ContractMiniCluster

extension MiniCluster {
    /// Count what is finished, see whether that is the end, and have as many pods as are wanted.
    public func sync(_ view: JobView) throws -> JobPlan {
        var plan = JobPlan(status: view.job.status)
        plan.status.startTime = plan.status.startTime ?? view.now
        try count(view, &plan)
        let active = view.pods.filter { $0.outcome == nil }
        try finish(view, active, &plan)
        if plan.status.condition == nil { try populate(view, active, &plan) }
        // Whom we send away ourselves has not failed: he goes uncounted.
        plan.release += plan.delete
        plan.status.active = active.count + plan.create - plan.delete.count
        return plan
    }

    /// How many pods have succeeded for good: counted, or written down to be.
    private func succeeded(_ status: JobNumbers) -> Int {
        status.succeeded + status.uncountedSucceeded.count
    }

    /// As many pods work as may, and never more than there is work for.
    private func populate(_ view: JobView, _ active: [JobPod], _ plan: inout JobPlan) throws {
        // step 19.5 begin
        let left = view.job.completions - succeeded(plan.status)
        let wanted = min(view.job.parallelism, left)
        if active.count < wanted {
            plan.create = wanted - active.count
        } else {
            plan.delete = active.prefix(active.count - wanted).map(\.name)
        }
        // step 19.5 end
    }

    /// Every finished pod is counted once, whatever happens between two looks.
    private func count(_ view: JobView, _ plan: inout JobPlan) throws {
        // step 19.6 begin
        let tracked = Set(view.pods.filter(\.tracked).map(\.uid))
        let done = (
            plan.status.uncountedSucceeded.filter { !tracked.contains($0) },
            plan.status.uncountedFailed.filter { !tracked.contains($0) }
        )
        plan.status.succeeded += done.0.count
        plan.status.failed += done.1.count
        let finished = view.pods.filter { $0.outcome != nil && $0.tracked }
        func uids(_ phase: JobPod.Phase) -> [String] {
            finished.filter { $0.outcome == phase }.map(\.uid).sorted()
        }
        plan.status.uncountedSucceeded = uids(.succeeded)
        plan.status.uncountedFailed = uids(.failed)
        plan.release = finished.map(\.name)
        // step 19.6 end
    }

    /// Enough have succeeded, or too many have failed: a Job ends once, and then nothing of it runs on.
    private func finish(_ view: JobView, _ active: [JobPod], _ plan: inout JobPlan) throws {
        // step 19.7 begin
        let failed = plan.status.failed + plan.status.uncountedFailed.count
        if plan.status.condition == nil {
            if succeeded(plan.status) >= view.job.completions {
                plan.status.condition = "Complete"
                plan.status.completionTime = view.now
            } else if failed > view.job.backoffLimit {
                plan.status.condition = "Failed"
            }
        }
        if plan.status.condition != nil { plan.delete = active.map(\.name) }
        // step 19.7 end
    }
}
