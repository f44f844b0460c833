import JSON

/// Lab 11 on the pipe: the questions, by name, and the shapes of those with several arguments.
public enum SchedulerQuestions {
    public struct OnNode: Codable, Sendable {
        public var pod: PodRequest
        public var node: NodeFacts
        public var nodes: [NodeFacts]
    }
    public struct Place: Codable, Sendable {
        public var pod: PodRequest
        public var nodes: [NodeFacts]
    }
    public static let reasonsAgainst = Question<OnNode, [String]>("reasonsAgainst")
    public static let score = Question<OnNode, Int>("score")
    public static let place = Question<Place, Placement>("place")
}

extension SchedulerPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(SchedulerQuestions.reasonsAgainst) { try reasonsAgainst($0.pod, on: $0.node) }
        desk.answer(SchedulerQuestions.score) { try score($0.pod, on: $0.node, among: $0.nodes) }
        desk.answer(SchedulerQuestions.place) { try place($0.pod, nodes: $0.nodes) }
        return desk
    }
}

/// Lab 11 answered by a program behind a pipe.
public struct RemoteScheduler: SchedulerContract {
    private let asker: any Asker
    public init(asking asker: any Asker) { self.asker = asker }

    public func reasonsAgainst(_ pod: PodRequest, on node: NodeFacts) throws -> [String] {
        try asker.ask(SchedulerQuestions.reasonsAgainst, .init(pod: pod, node: node, nodes: []))
    }
    public func score(_ pod: PodRequest, on node: NodeFacts, among nodes: [NodeFacts]) throws -> Int
    {
        try asker.ask(SchedulerQuestions.score, .init(pod: pod, node: node, nodes: nodes))
    }
    public func place(_ pod: PodRequest, nodes: [NodeFacts]) throws -> Placement {
        try asker.ask(SchedulerQuestions.place, .init(pod: pod, nodes: nodes))
    }
}
