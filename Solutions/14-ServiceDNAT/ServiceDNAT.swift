import Contracts

public struct ServiceDNAT: Part {
    public init() {}
    public var desk: Desk { Desk() }
}
