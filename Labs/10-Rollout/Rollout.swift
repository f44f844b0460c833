import Contracts

public struct Rollout: Part {
    public init() {}
    public var desk: Desk { Desk() }
}
