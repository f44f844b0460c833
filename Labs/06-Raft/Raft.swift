import Contracts

public struct Raft: Part {
    public init() {}
    public var desk: Desk { Desk() }
}
