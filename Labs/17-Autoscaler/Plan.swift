import ContractAutoscaler

extension Autoscaler {
    /// The highest of what the metrics ask for, stabilised, limited.
    public func plan(_ view: AutoscalerView) throws -> AutoscalerPlan {
        var plan = AutoscalerPlan(replicas: view.current)
        var wish: Int?
        if view.current == 0 {
            plan.conditions = [
                .init(
                    "AbleToScale", "True", "SucceededGetScale",
                    "the HPA controller was able to get the target's current scale"),
                .init(
                    "ScalingActive", "False", "ScalingDisabled",
                    "scaling is disabled since the replica count of the target is zero"),
            ]
        } else {
            let inside = try bounded(view.current, view: view)
            if inside == view.current {
                wish = try follow(&plan, view)
            } else {
                let side = inside < view.current ? "above Spec.Max" : "below Spec.Min"
                move(&plan, to: inside, "Current number of replicas \(side)Replicas", view)
            }
        }
        try remember(&plan, wish, view)
        return plan
    }

    /// What the metrics say.
    /// - Returns: what was recommended; nil for want of metrics.
    private func follow(_ plan: inout AutoscalerPlan, _ view: AutoscalerView) throws -> Int? {
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
            return nil
        }
        let name = wishes.firstIndex(of: chosen).map { view.metrics[$0].title } ?? "no metric"
        let stabilised = try stabilise(chosen, view: view)
        let replicas = try limit(stabilised, view: view)
        let reason =
            replicas > view.current ? "\(name) above target" : "All metrics below target"
        move(&plan, to: replicas, reason, view)
        plan.conditions[0] = able(plan.conditions[0], chosen, stabilised, view)
        plan.conditions.append(
            .init(
                "ScalingActive", "True", "ValidMetricFound",
                "the HPA was able to successfully calculate a replica count from \(name)"))
        plan.conditions.append(limited(stabilised, replicas, view))
        return chosen
    }

    /// What the next look has to know: the recommendations that a window can still reach, and the
    /// changes that a period can, with those of this look at their ends.
    /// - Parameter wish: what was recommended now, before anything held it back; nil where nothing was.
    private func remember(
        _ plan: inout AutoscalerPlan, _ wish: Int?, _ view: AutoscalerView
    ) throws {
        // step 17.7 begin
        throw Unfinished("17.7")
        // step 17.7 end
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
        plan.conditions = [
            .init(
                "AbleToScale", "True", "SucceededRescale",
                "the HPA controller was able to update the target scale to \(replicas)")
        ]
    }

    /// What is younger than so many seconds.
    func recent(_ past: [Past], seconds: Int, _ view: AutoscalerView) -> [Past] {
        past.filter { $0.at > view.now - seconds }
    }

    private func longestPeriod(_ view: AutoscalerView) -> Int {
        (view.up.policies + view.down.policies).map(\.periodSeconds).max() ?? 0
    }
}
