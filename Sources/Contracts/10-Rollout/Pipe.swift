import JSON

/// Lab 10 on the pipe: the questions, by name, and the shapes of those with several arguments.
public enum RolloutQuestions {
    public struct Template: Codable, Sendable {
        public var template: String
        public var collisionCount: Int?
    }
    public struct BoundsInput: Codable, Sendable {
        public var replicas: Int
        public var maxSurge: Bound
        public var maxUnavailable: Bound
    }
    public struct Among: Codable, Sendable {
        public var deployment: DeploymentFacts
        public var sets: [RevisionFacts]
    }
    public struct Undo: Codable, Sendable {
        public var deployment: DeploymentFacts
        public var sets: [RevisionFacts]
        public var target: Int
    }
    public static let templateHash = Question<Template, String>("templateHash")
    public static let bounds = Question<BoundsInput, RolloutBounds>("bounds")
    public static let newReplicaSet = Question<Among, String?>("newReplicaSet")
    public static let revision = Question<Among, Int>("revision")
    public static let undoTarget = Question<Undo, String?>("undoTarget")
    public static let roll = Question<DeploymentView, [Resize]>("roll")
    public static let proportion = Question<DeploymentView, [Resize]>("proportion")
    public static let plan = Question<DeploymentView, RolloutPlan>("plan")
}

extension RolloutPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(RolloutQuestions.templateHash) {
            try templateHash($0.template, collisionCount: $0.collisionCount)
        }
        desk.answer(RolloutQuestions.bounds) {
            try bounds(
                replicas: $0.replicas, maxSurge: $0.maxSurge, maxUnavailable: $0.maxUnavailable)
        }
        desk.answer(RolloutQuestions.newReplicaSet) {
            try newReplicaSet($0.deployment, among: $0.sets)
        }
        desk.answer(RolloutQuestions.revision) { try revision($0.deployment, among: $0.sets) }
        desk.answer(RolloutQuestions.undoTarget) {
            try undoTarget($0.deployment, among: $0.sets, to: $0.target)
        }
        desk.answer(RolloutQuestions.roll, with: roll)
        desk.answer(RolloutQuestions.proportion, with: proportion)
        desk.answer(RolloutQuestions.plan, with: plan)
        return desk
    }
}

/// Lab 10 answered by a program behind a pipe.
public struct RemoteRollout: RolloutContract {
    private let asker: any Asker
    public init(asking asker: any Asker) { self.asker = asker }

    public func templateHash(_ template: String, collisionCount: Int?) throws -> String {
        try asker.ask(
            RolloutQuestions.templateHash, .init(template: template, collisionCount: collisionCount)
        )
    }
    public func bounds(
        replicas: Int, maxSurge: Bound, maxUnavailable: Bound
    ) throws -> RolloutBounds {
        try asker.ask(
            RolloutQuestions.bounds,
            .init(replicas: replicas, maxSurge: maxSurge, maxUnavailable: maxUnavailable))
    }
    public func newReplicaSet(
        _ deployment: DeploymentFacts, among sets: [RevisionFacts]
    ) throws -> String? {
        try asker.ask(RolloutQuestions.newReplicaSet, .init(deployment: deployment, sets: sets))
    }
    public func revision(_ deployment: DeploymentFacts, among sets: [RevisionFacts]) throws -> Int {
        try asker.ask(RolloutQuestions.revision, .init(deployment: deployment, sets: sets))
    }
    public func undoTarget(
        _ deployment: DeploymentFacts, among sets: [RevisionFacts], to target: Int
    ) throws -> String? {
        try asker.ask(
            RolloutQuestions.undoTarget, .init(deployment: deployment, sets: sets, target: target))
    }
    public func roll(_ view: DeploymentView) throws -> [Resize] {
        try asker.ask(RolloutQuestions.roll, view)
    }
    public func proportion(_ view: DeploymentView) throws -> [Resize] {
        try asker.ask(RolloutQuestions.proportion, view)
    }
    public func plan(_ view: DeploymentView) throws -> RolloutPlan {
        try asker.ask(RolloutQuestions.plan, view)
    }
}
