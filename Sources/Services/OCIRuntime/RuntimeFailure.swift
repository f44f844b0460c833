import ContractRuntime

/// What went wrong, as one sentence for the person who started the runtime.
public struct RuntimeFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// The parts that the runtime is made of: the kit's own, or a student's behind a pipe.
public struct RuntimeParts {
    public var namespaces: any NamespacesPart
    public var controlGroups: any ControlGroupsPart
    public var runtime: any RuntimePart

    public init(
        namespaces: any NamespacesPart, controlGroups: any ControlGroupsPart,
        runtime: any RuntimePart
    ) {
        (self.namespaces, self.controlGroups, self.runtime) = (namespaces, controlGroups, runtime)
    }
}
