import Contracts

public struct Autoscaler: Part {
    public init() {}
    public var desk: Desk { Desk() }
}
