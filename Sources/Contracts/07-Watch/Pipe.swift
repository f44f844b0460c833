import JSON

/// Lab 07 on the pipe: the questions, by name.
public enum WatchQuestions {
    public static let start = Question<WatchRequestFacts, WatchStart>("start")
    public static let mayWrite = Question<WriteFacts, WriteVerdict>("mayWrite")
    public static let told = Question<ChangeFacts, WatchEventType?>("told")
}

extension WatchPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(WatchQuestions.start, with: start)
        desk.answer(WatchQuestions.mayWrite, with: mayWrite)
        desk.answer(WatchQuestions.told, with: told)
        return desk
    }
}

/// Lab 07 answered by a program behind a pipe.
public struct RemoteWatch: WatchContract {
    private let asker: any Asker
    public init(asking asker: any Asker) { self.asker = asker }

    public func start(_ request: WatchRequestFacts) throws -> WatchStart {
        try asker.ask(WatchQuestions.start, request)
    }
    public func mayWrite(_ write: WriteFacts) throws -> WriteVerdict {
        try asker.ask(WatchQuestions.mayWrite, write)
    }
    public func told(_ change: ChangeFacts) throws -> WatchEventType? {
        try asker.ask(WatchQuestions.told, change)
    }
}
