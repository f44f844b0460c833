import JSON

/// Lab 14 on the pipe: the questions, by name, and the shapes of those with several arguments.
public enum ServiceDNATQuestions {
    public struct OneEndpoint: Codable, Sendable {
        public var port: ServicePortFacts
        public var endpoint: EndpointFacts
    }
    public struct OnePort: Codable, Sendable {
        public var port: ServicePortFacts
        public var podCIDR: String
    }
    public static let serviceChain = Question<ServicePortFacts, String>("serviceChain")
    public static let endpointChain = Question<OneEndpoint, String>("endpointChain")
    public static let probability = Question<Int, String?>("probability")
    public static let jumps = Question<Bool, [Jump]>("jumps")
    public static let rules = Question<OnePort, Rules>("rules")
    public static let allRules = Question<ProxyView, Rules>("allRules")
    public static let render = Question<ProxyView, String>("render")
    public static let verdictMaps = Question<ProxyView, VerdictMaps>("verdictMaps")
}

extension ServiceDNATPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(ServiceDNATQuestions.serviceChain, with: serviceChain)
        desk.answer(ServiceDNATQuestions.endpointChain) { try endpointChain($0.port, $0.endpoint) }
        desk.answer(ServiceDNATQuestions.probability) { try probability(remaining: $0) }
        desk.answer(ServiceDNATQuestions.jumps) { _ in try jumps() }
        desk.answer(ServiceDNATQuestions.rules) { try rules(for: $0.port, podCIDR: $0.podCIDR) }
        desk.answer(ServiceDNATQuestions.allRules, with: allRules)
        desk.answer(ServiceDNATQuestions.render, with: render)
        desk.answer(ServiceDNATQuestions.verdictMaps, with: verdictMaps)
        return desk
    }
}

/// Lab 14 answered by a program behind a pipe.
public struct RemoteServiceDNAT: ServiceDNATContract {
    private let asker: any Asker
    public init(asking asker: any Asker) { self.asker = asker }

    public func serviceChain(_ port: ServicePortFacts) throws -> String {
        try asker.ask(ServiceDNATQuestions.serviceChain, port)
    }
    public func endpointChain(_ port: ServicePortFacts, _ endpoint: EndpointFacts) throws -> String
    {
        try asker.ask(ServiceDNATQuestions.endpointChain, .init(port: port, endpoint: endpoint))
    }
    public func probability(remaining: Int) throws -> String? {
        try asker.ask(ServiceDNATQuestions.probability, remaining)
    }
    public func jumps() throws -> [Jump] { try asker.ask(ServiceDNATQuestions.jumps, true) }
    public func rules(for port: ServicePortFacts, podCIDR: String) throws -> Rules {
        try asker.ask(ServiceDNATQuestions.rules, .init(port: port, podCIDR: podCIDR))
    }
    public func allRules(_ view: ProxyView) throws -> Rules {
        try asker.ask(ServiceDNATQuestions.allRules, view)
    }
    public func render(_ view: ProxyView) throws -> String {
        try asker.ask(ServiceDNATQuestions.render, view)
    }
    public func verdictMaps(_ view: ProxyView) throws -> VerdictMaps {
        try asker.ask(ServiceDNATQuestions.verdictMaps, view)
    }
}
