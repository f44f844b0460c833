import Contracts

public struct Namespaces: Part {
    public init() {}
    public var desk: Desk { Desk() }
}
