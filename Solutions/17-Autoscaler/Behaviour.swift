import ContractAutoscaler

extension Autoscaler {
    /// A move waits until its whole window asks for it.
    public func stabilise(_ recommended: Int, view: AutoscalerView) throws -> Int {
        // step 17.5 begin
        func values(_ rules: ScalingRules) -> [Int] {
            let recent = view.recommendations.filter { $0.at > view.now - rules.windowSeconds }
            return recent.map(\.value)
        }
        let lowest = values(view.up).reduce(recommended, min)
        let highest = values(view.down).reduce(recommended, max)
        return min(max(view.current, lowest), highest)
        // step 17.5 end
    }

    /// Never outside minReplicas...maxReplicas.
    public func bounded(_ wanted: Int, view: AutoscalerView) throws -> Int {
        // step 17.2 begin
        min(max(wanted, view.minReplicas), view.maxReplicas)
        // step 17.2 end
    }

    /// No faster than the policies allow, and never outside the bounds.
    public func limit(_ stabilised: Int, view: AutoscalerView) throws -> Int {
        try bounded(try slowed(stabilised, view), view: view)
    }

    /// As near to `wanted` as the policies of its direction allow; a policy never turns a move around.
    private func slowed(_ wanted: Int, _ view: AutoscalerView) throws -> Int {
        if wanted > view.current {
            return try min(wanted, max(view.current, furthest(view.up, view, direction: 1)))
        }
        if wanted < view.current {
            return try max(wanted, min(view.current, furthest(view.down, view, direction: -1)))
        }
        return wanted
    }

    /// The number to which the policies of one direction let it go now.
    /// - Parameter direction: 1 for up, -1 for down.
    private func furthest(
        _ rules: ScalingRules, _ view: AutoscalerView, direction: Int
    ) throws -> Int {
        // step 17.6 begin
        let isUp = direction > 0
        let allowed = rules.policies.map { policy in
            let recent = view.changes.filter { $0.at > view.now - policy.periodSeconds }
            let start = view.current - recent.map(\.value).reduce(0, +)
            switch policy.kind {
            case .pods: return start + direction * policy.value
            // Up is rounded up; down, a division that cuts the fraction off rounds down.
            case .percent:
                return (start * (100 + direction * policy.value) + (isUp ? 99 : 0)) / 100
            }
        }
        let (lowest, highest) = (allowed.min() ?? view.current, allowed.max() ?? view.current)
        switch rules.select {
        case .max: return isUp ? highest : lowest
        case .min: return isUp ? lowest : highest
        case .disabled: return view.current
        }
        // step 17.6 end
    }
}
