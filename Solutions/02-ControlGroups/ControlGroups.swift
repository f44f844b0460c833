import Contracts

public struct ControlGroups: Part {
    public init() {}
    public var desk: Desk { Desk() }
}
