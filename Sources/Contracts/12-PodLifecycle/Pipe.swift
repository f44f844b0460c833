/// Lab 12 on the pipe: the questions by name.
public enum PodLifecycleQuestions {
    public static let phase = Question<PodView, PodPhase>("phase")
    public static let nextStep = Question<PodView, PodStep>("nextStep")
    public static let backOff = Question<BackOffView, Int>("backOff")
    public static let judge = Question<ProbeView, ProbeMemory>("judge")
    public static let gracePeriod = Question<GraceView, Int>("gracePeriod")
}

extension PodLifecycleContract {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(PodLifecycleQuestions.phase, with: phase)
        desk.answer(PodLifecycleQuestions.nextStep, with: nextStep)
        desk.answer(PodLifecycleQuestions.backOff, with: backOff)
        desk.answer(PodLifecycleQuestions.judge, with: judge)
        desk.answer(PodLifecycleQuestions.gracePeriod, with: gracePeriod)
        return desk
    }
}

/// Lab 12 answered by a program behind a pipe.
public struct RemotePodLifecycle: PodLifecycleContract {
    private let asker: any Asker
    public init(asking asker: any Asker) { self.asker = asker }

    public func phase(_ pod: PodView) throws -> PodPhase {
        try asker.ask(PodLifecycleQuestions.phase, pod)
    }
    public func nextStep(_ pod: PodView) throws -> PodStep {
        try asker.ask(PodLifecycleQuestions.nextStep, pod)
    }
    public func backOff(_ view: BackOffView) throws -> Int {
        try asker.ask(PodLifecycleQuestions.backOff, view)
    }
    public func judge(_ view: ProbeView) throws -> ProbeMemory {
        try asker.ask(PodLifecycleQuestions.judge, view)
    }
    public func gracePeriod(_ view: GraceView) throws -> Int {
        try asker.ask(PodLifecycleQuestions.gracePeriod, view)
    }
}
