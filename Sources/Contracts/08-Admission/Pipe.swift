import JSON

/// Lab 08 on the pipe: the questions, by name, and the shapes of those with several arguments.
public enum AdmissionQuestions {
    public struct Authorize: Codable, Sendable {
        public var question: AccessQuestion
        public var grants: [RuleFacts]
    }
    public struct Bound: Codable, Sendable {
        public var user: UserFacts
        public var subjects: [SubjectFacts]
    }
    public static let identify = Question<Credentials, UserFacts>("identify")
    public static let authorize = Question<Authorize, Bool>("authorize")
    public static let isBound = Question<Bound, Bool>("isBound")
}

extension AdmissionPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(AdmissionQuestions.identify, with: identify)
        desk.answer(AdmissionQuestions.authorize) { try authorize($0.question, grants: $0.grants) }
        desk.answer(AdmissionQuestions.isBound) { try isBound($0.user, to: $0.subjects) }
        return desk
    }
}

/// Lab 08 answered by a program behind a pipe.
public struct RemoteAdmission: AdmissionContract {
    private let asker: any Asker
    public init(asking asker: any Asker) { self.asker = asker }

    public func identify(_ credentials: Credentials) throws -> UserFacts {
        try asker.ask(AdmissionQuestions.identify, credentials)
    }
    public func authorize(_ question: AccessQuestion, grants: [RuleFacts]) throws -> Bool {
        try asker.ask(AdmissionQuestions.authorize, .init(question: question, grants: grants))
    }
    public func isBound(_ user: UserFacts, to subjects: [SubjectFacts]) throws -> Bool {
        try asker.ask(AdmissionQuestions.isBound, .init(user: user, subjects: subjects))
    }
}
