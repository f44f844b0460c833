import Contracts

extension Autoscaler {
    /// A move waits until its whole window asks for it.
    public func stabilise(_ recommended: Int, view: AutoscalerView) throws -> Int {
        // step 17.4 begin
        throw Unfinished("17.4")
        // step 17.4 end
    }

    /// No faster than the policies allow, and never outside the bounds.
    public func limit(_ stabilised: Int, view: AutoscalerView) throws -> Int {
        try bounded(try slowed(stabilised, view), view)
    }

    private func bounded(_ wanted: Int, _ view: AutoscalerView) throws -> Int {
        // step 17.5 begin
        throw Unfinished("17.5")
        // step 17.5 end
    }

    private func slowed(_ wanted: Int, _ view: AutoscalerView) throws -> Int {
        // step 17.6 begin
        throw Unfinished("17.6")
        // step 17.6 end
    }

    /// How far the policies let the number go.
    /// - Parameter direction: 1 for up, -1 for down.
    private func furthest(_ rules: ScalingRules, _ view: AutoscalerView, direction: Int) throws
        -> Int
    {
        // step 17.6 begin
        throw Unfinished("17.6")
        // step 17.6 end
    }
}
