import Linux

/// The questions of lab 01, on the pipe.
public enum NamespacesQuestions {
    public static let mapIDs = Question<IDMapRequest, Done>("mapIDs")
    public static let cloneFlags = Question<[NamespaceRequest], CloneFlags>("cloneFlags")
    public static let isolate = Question<CloneFlags, Done>("isolate")
    public static let reap = Question<Int32, Int32>("reap")
    public static let enterRoot = Question<RootSetup, Done>("enterRoot")
    public static let raiseLoopback = Question<Done, Done>("raiseLoopback")
    public static let enterControlGroups = Question<[String], Done>("enterControlGroups")
    public static let join = Question<[NamespaceRequest], Done>("join")
}

extension NamespacesPart {
    public var desk: Desk {
        var desk = Desk()
        func act<Input>(
            _ question: Question<Input, Done>, _ body: @escaping (Input, any Kernel) throws -> Void
        ) {
            desk.answer(question) { input, kernel in
                try body(input, kernel)
                return Done()
            }
        }
        act(NamespacesQuestions.mapIDs) { try mapIDs($0, kernel: $1) }
        desk.answer(NamespacesQuestions.cloneFlags, with: cloneFlags)
        act(NamespacesQuestions.isolate) { try isolate($0, kernel: $1) }
        desk.answer(NamespacesQuestions.reap) { try reap(until: $0, kernel: $1) }
        act(NamespacesQuestions.enterRoot) { try enterRoot($0, kernel: $1) }
        act(NamespacesQuestions.raiseLoopback) { _, kernel in try raiseLoopback(kernel: kernel) }
        act(NamespacesQuestions.enterControlGroups) { try enterControlGroups($0, kernel: $1) }
        act(NamespacesQuestions.join) { try join($0, kernel: $1) }
        return desk
    }
}

/// A part for lab 01 that runs as a program of its own.
public struct RemoteNamespaces: NamespacesPart {
    private let part: any KernelAsker
    public init(_ part: any KernelAsker) { self.part = part }

    public func mapIDs(_ request: IDMapRequest, kernel: any Kernel) throws {
        _ = try part.ask(NamespacesQuestions.mapIDs, request, kernel: kernel)
    }
    public func cloneFlags(_ requests: [NamespaceRequest]) throws -> CloneFlags {
        try part.ask(NamespacesQuestions.cloneFlags, requests)
    }
    public func isolate(_ flags: CloneFlags, kernel: any Kernel) throws {
        _ = try part.ask(NamespacesQuestions.isolate, flags, kernel: kernel)
    }
    public func reap(until main: Int32, kernel: any Kernel) throws -> Int32 {
        try part.ask(NamespacesQuestions.reap, main, kernel: kernel)
    }
    public func enterRoot(_ setup: RootSetup, kernel: any Kernel) throws {
        _ = try part.ask(NamespacesQuestions.enterRoot, setup, kernel: kernel)
    }
    public func raiseLoopback(kernel: any Kernel) throws {
        _ = try part.ask(NamespacesQuestions.raiseLoopback, Done(), kernel: kernel)
    }
    public func enterControlGroups(_ memberFiles: [String], kernel: any Kernel) throws {
        _ = try part.ask(NamespacesQuestions.enterControlGroups, memberFiles, kernel: kernel)
    }
    public func join(_ requests: [NamespaceRequest], kernel: any Kernel) throws {
        _ = try part.ask(NamespacesQuestions.join, requests, kernel: kernel)
    }
}
