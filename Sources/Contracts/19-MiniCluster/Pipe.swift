/// Lab 19 on the pipe.
public enum MiniClusterQuestions {
    public static let diagnosis = Question<Int, Diagnosis>("diagnosis")
    public static let sync = Question<JobView, JobPlan>("sync")
}

extension MiniClusterPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(MiniClusterQuestions.diagnosis, with: diagnosis)
        desk.answer(MiniClusterQuestions.sync, with: sync)
        return desk
    }
}

/// Lab 19 answered by a program behind a pipe.
public struct RemoteMiniCluster: MiniClusterContract {
    private let asker: any Asker
    public init(asking asker: any Asker) { self.asker = asker }

    public func diagnosis(_ drill: Int) throws -> Diagnosis {
        try asker.ask(MiniClusterQuestions.diagnosis, drill)
    }
    public func sync(_ view: JobView) throws -> JobPlan {
        try asker.ask(MiniClusterQuestions.sync, view)
    }
}

/// The open step of lab 19.
public protocol MiniClusterTests: OpenTests where Subject == any MiniClusterContract {}

extension MiniClusterTests {
    public func subject(asking asker: any KernelAsker) -> any MiniClusterContract {
        RemoteMiniCluster(asking: asker)
    }
}
