import Contracts

public struct Overlay: Part {
    public init() {}
    public var desk: Desk { Desk() }
}
