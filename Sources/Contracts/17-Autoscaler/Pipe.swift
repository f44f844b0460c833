import JSON

/// Lab 17 on the pipe: the questions, by name, and the shapes of those with several arguments.
public enum AutoscalerQuestions {
    public struct Metric: Codable, Sendable {
        public var metric: MetricFacts
        public var current: Int
    }
    public struct Step: Codable, Sendable {
        public var replicas: Int
        public var view: AutoscalerView
    }
    public struct Wishes: Codable, Sendable {
        public var wishes: [Int?]
        public var current: Int
    }
    public static let recommend = Question<Metric, Recommendation>("recommend")
    public static let choose = Question<Wishes, Int?>("choose")
    public static let bounded = Question<Step, Int>("bounded")
    public static let stabilise = Question<Step, Int>("stabilise")
    public static let limit = Question<Step, Int>("limit")
    public static let plan = Question<AutoscalerView, AutoscalerPlan>("plan")
}

extension AutoscalerPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(AutoscalerQuestions.recommend) { try recommend($0.metric, current: $0.current) }
        desk.answer(AutoscalerQuestions.choose) {
            try choose(among: $0.wishes, current: $0.current)
        }
        desk.answer(AutoscalerQuestions.bounded) { try bounded($0.replicas, view: $0.view) }
        desk.answer(AutoscalerQuestions.stabilise) { try stabilise($0.replicas, view: $0.view) }
        desk.answer(AutoscalerQuestions.limit) { try limit($0.replicas, view: $0.view) }
        desk.answer(AutoscalerQuestions.plan, with: plan)
        return desk
    }
}

/// Lab 17 answered by a program behind a pipe.
public struct RemoteAutoscaler: AutoscalerContract {
    private let asker: any Asker
    public init(asking asker: any Asker) { self.asker = asker }

    public func recommend(_ metric: MetricFacts, current: Int) throws -> Recommendation {
        try asker.ask(AutoscalerQuestions.recommend, .init(metric: metric, current: current))
    }
    public func choose(among wishes: [Int?], current: Int) throws -> Int? {
        try asker.ask(AutoscalerQuestions.choose, .init(wishes: wishes, current: current))
    }
    public func bounded(_ wanted: Int, view: AutoscalerView) throws -> Int {
        try asker.ask(AutoscalerQuestions.bounded, .init(replicas: wanted, view: view))
    }
    public func stabilise(_ recommended: Int, view: AutoscalerView) throws -> Int {
        try asker.ask(AutoscalerQuestions.stabilise, .init(replicas: recommended, view: view))
    }
    public func limit(_ stabilised: Int, view: AutoscalerView) throws -> Int {
        try asker.ask(AutoscalerQuestions.limit, .init(replicas: stabilised, view: view))
    }
    public func plan(_ view: AutoscalerView) throws -> AutoscalerPlan {
        try asker.ask(AutoscalerQuestions.plan, view)
    }
}
