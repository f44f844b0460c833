import JSON

/// Lab 09 on the pipe: the questions, by name, and the shapes of those with two arguments.
public enum SelectorsQuestions {
    public struct Match: Codable, Sendable {
        public var selector: Selector
        public var labels: [String: String]
    }
    public struct ClaimInput: Codable, Sendable {
        public var set: ReplicaSetFacts
        public var pods: [PodFacts]
    }
    public struct Order: Codable, Sendable {
        public var pods: [PodFacts]
        public var podsOnNode: [String: Int]
    }
    public struct Observation: Codable, Sendable {
        public var expectations: Expectations
        public var event: PodEvent
    }
    public static let matches = Question<Match, Bool>("matches")
    public static let counts = Question<PodFacts, Bool>("counts")
    public static let claim = Question<ClaimInput, Claim>("claim")
    public static let deletionOrder = Question<Order, [String]>("deletionOrder")
    public static let newPod = Question<ReplicaSetFacts, PodBirth>("newPod")
    public static let observe = Question<Observation, Expectations>("observe")
    public static let plan = Question<ReplicaSetView, ReplicaSetPlan>("plan")
}

extension SelectorsPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(SelectorsQuestions.matches) { try matches($0.selector, labels: $0.labels) }
        desk.answer(SelectorsQuestions.counts, with: counts)
        desk.answer(SelectorsQuestions.claim) { try claim($0.set, pods: $0.pods) }
        desk.answer(SelectorsQuestions.deletionOrder) {
            try deletionOrder($0.pods, podsOnNode: $0.podsOnNode)
        }
        desk.answer(SelectorsQuestions.newPod, with: newPod)
        desk.answer(SelectorsQuestions.observe) { try observe($0.expectations, $0.event) }
        desk.answer(SelectorsQuestions.plan, with: plan)
        return desk
    }
}

/// Lab 09 answered by a program behind a pipe.
public struct RemoteSelectors: SelectorsContract {
    private let asker: any Asker
    public init(asking asker: any Asker) { self.asker = asker }

    public func matches(_ selector: Selector, labels: [String: String]) throws -> Bool {
        try asker.ask(SelectorsQuestions.matches, .init(selector: selector, labels: labels))
    }
    public func counts(_ pod: PodFacts) throws -> Bool {
        try asker.ask(SelectorsQuestions.counts, pod)
    }
    public func claim(_ set: ReplicaSetFacts, pods: [PodFacts]) throws -> Claim {
        try asker.ask(SelectorsQuestions.claim, .init(set: set, pods: pods))
    }
    public func deletionOrder(_ pods: [PodFacts], podsOnNode: [String: Int]) throws -> [String] {
        try asker.ask(SelectorsQuestions.deletionOrder, .init(pods: pods, podsOnNode: podsOnNode))
    }
    public func newPod(_ set: ReplicaSetFacts) throws -> PodBirth {
        try asker.ask(SelectorsQuestions.newPod, set)
    }
    public func observe(_ expectations: Expectations, _ event: PodEvent) throws -> Expectations {
        try asker.ask(SelectorsQuestions.observe, .init(expectations: expectations, event: event))
    }
    public func plan(_ view: ReplicaSetView) throws -> ReplicaSetPlan {
        try asker.ask(SelectorsQuestions.plan, view)
    }
}
