import Contracts

extension Autoscaler {
    /// The highest of what the metrics ask for, stabilised, limited.
    public func plan(_ view: AutoscalerView) throws -> AutoscalerPlan {
        var plan = AutoscalerPlan(replicas: view.current)
        plan.recommendations = recent(
            view.recommendations, seconds: max(view.up.windowSeconds, view.down.windowSeconds), view
        )
        plan.changes = recent(view.changes, seconds: longestPeriod(view), view)
        if view.current == 0 {
            plan.conditions = [
                .init(
                    "AbleToScale", "True", "SucceededGetScale",
                    "the HPA controller was able to get the target's current scale"),
                .init(
                    "ScalingActive", "False", "ScalingDisabled",
                    "scaling is disabled since the replica count of the target is zero"),
            ]
            return plan
        }
        let inside = try bounded(view.current, view: view)
        if inside < view.current {
            move(&plan, to: inside, "Current number of replicas above Spec.MaxReplicas", view)
        } else if inside > view.current {
            move(&plan, to: inside, "Current number of replicas below Spec.MinReplicas", view)
        } else {
            try follow(&plan, view)
        }
        return plan
    }

    /// What the metrics say.
    private func follow(_ plan: inout AutoscalerPlan, _ view: AutoscalerView) throws {
        var trouble: (resource: String, words: String)?
        for metric in view.metrics {
            do {
                plan.metrics.append(try recommend(metric, current: view.current))
            } catch let nothing as NoMetrics {
                plan.metrics.append(nil)
                trouble = trouble ?? (metric.resource, nothing.description)
            }
        }
        let wishes = plan.metrics.map { $0?.replicas }
        guard let chosen = try choose(among: wishes, current: view.current) else {
            plan.conditions = inactive(trouble?.resource, trouble?.words ?? "no metrics are given")
            return
        }
        let name = wishes.firstIndex(of: chosen).map { view.metrics[$0].title } ?? "no metric"
        let stabilised = try stabilise(chosen, view: view)
        let replicas = try limit(stabilised, view: view)
        plan.recommendations.append(Past(chosen, at: view.now))
        let reason =
            replicas > view.current ? "\(name) above target" : "All metrics below target"
        move(&plan, to: replicas, reason, view)
        plan.conditions[0] = able(plan.conditions[0], chosen, stabilised, view)
        plan.conditions.append(
            .init(
                "ScalingActive", "True", "ValidMetricFound",
                "the HPA was able to successfully calculate a replica count from \(name)"))
        plan.conditions.append(limited(stabilised, replicas, view))
    }

    /// The highest wish; but with one unknown, none that shrinks.
    public func choose(among wishes: [Int?], current: Int) throws -> Int? {
        // step 17.4 begin
        throw Unfinished("17.4")
        // step 17.4 end
    }

    private func move(
        _ plan: inout AutoscalerPlan, to replicas: Int, _ reason: String, _ view: AutoscalerView
    ) {
        plan.replicas = replicas
        if replicas == view.current {
            plan.conditions = [
                .init(
                    "AbleToScale", "True", "ReadyForNewScale",
                    "recommended size matches current size")
            ]
            return
        }
        plan.reason = reason
        plan.changes.append(Past(replicas - view.current, at: view.now))
        plan.conditions = [
            .init(
                "AbleToScale", "True", "SucceededRescale",
                "the HPA controller was able to update the target scale to \(replicas)")
        ]
    }

    private func recent(_ past: [Past], seconds: Int, _ view: AutoscalerView) -> [Past] {
        past.filter { $0.at > view.now - seconds }
    }

    private func longestPeriod(_ view: AutoscalerView) -> Int {
        (view.up.policies + view.down.policies).map(\.periodSeconds).max() ?? 0
    }
}
