import ContractAutoscaler

extension Autoscaler {
    /// A move waits until its whole window asks for it.
    public func stabilise(_ recommended: Int, view: AutoscalerView) throws -> Int {
        // step 17.5 begin
        throw Unfinished("17.5")
        // step 17.5 end
    }

    /// Never outside minReplicas...maxReplicas.
    public func bounded(_ wanted: Int, view: AutoscalerView) throws -> Int {
        // step 17.2 begin
        throw Unfinished("17.2")
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
        throw Unfinished("17.6")
        // step 17.6 end
    }
}
