import Contracts

public struct Selectors: Part {
    public init() {}
    public var desk: Desk { Desk() }
}
