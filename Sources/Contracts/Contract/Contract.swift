import JSON

/// One question that a part answers: its name on the pipe, and the types of what goes in and what comes out.
///
/// A contract is a protocol for people and a list of questions for the pipe; the two say the same thing.
public struct Question<Input: Codable & Sendable, Output: Codable & Sendable>: Sendable {
    public let name: String
    public init(_ name: String) { self.name = name }
}

/// What asks a part that runs somewhere else.
public protocol Asker: Sendable {
    /// - Throws: `PartFailure` where no answer came.
    func ask<Input, Output>(_ question: Question<Input, Output>, _ input: Input) throws -> Output
}

/// The answering side: which function of a part answers which question.
public struct Desk {
    private var answers: [String: (JSON, any Kernel) throws -> JSON] = [:]

    public init() {}

    public mutating func answer<Input, Output>(
        _ question: Question<Input, Output>, with function: @escaping (Input) throws -> Output
    ) {
        answers[question.name] = { input, _ in
            try JSON(encoding: try function(try input.decode(Input.self)))
        }
    }

    /// A question that is answered by calling the kernel.
    public mutating func answer<Input, Output>(
        _ question: Question<Input, Output>,
        with function: @escaping (Input, any Kernel) throws -> Output
    ) {
        answers[question.name] = { input, kernel in
            try JSON(encoding: try function(try input.decode(Input.self), kernel))
        }
    }

    /// The names of all questions answered here, sorted.
    public var questions: [String] { answers.keys.sorted() }

    /// - Throws: what the part threw, or `PartFailure.misunderstood` for a question nobody answers here.
    public func answer(
        _ name: String, _ input: JSON, kernel: any Kernel = NoKernel()
    ) throws -> JSON {
        guard let answer = answers[name] else {
            throw PartFailure.misunderstood("no question \"\(name)\" in this contract")
        }
        return try answer(input, kernel)
    }
}

/// A part is made anew by the program that serves it.
public protocol Part: Sendable {
    init()
    /// The part's answers, for the pipe.
    var desk: Desk { get }
}

/// An unfinished step throws this; a check shows it as *todo*.
public struct Unfinished: Error, Hashable, Sendable, CustomStringConvertible {
    /// The step's number: `10.3`.
    public let step: String
    public init(_ step: String) { self.step = step }
    public var description: String { "step \(step) is not written yet" }
}

/// Why a question got no answer.
public enum PartFailure: Error, Hashable, Sendable, Codable {
    /// The part threw; the text is its error's description.
    case threw(String)
    /// The part says that this step is not written yet.
    case unfinished(step: String)
    /// The part's program ended: how, and the last lines it wrote to standard error.
    case crashed(ending: String, lastWords: String)
    /// No answer within the time.
    case timedOut(milliseconds: Int, question: String)
    /// More than the pipe takes, or something that is no answer.
    case misunderstood(String)
    /// The program could not be started.
    case notStarted(String)
}

extension PartFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .threw(let text): "the part threw an error: \(text)"
        case .unfinished(let step): "step \(step) is not written yet"
        case .crashed(let ending, let words):
            "the part's program \(ending)" + (words.isEmpty ? "" : "; its last words:\n\(words)")
        case .timedOut(let milliseconds, let question):
            "no answer to \(question) within \(milliseconds) ms: is there a loop that does not end?"
        case .misunderstood(let text): "the part's program did not keep to the contract: \(text)"
        case .notStarted(let text): "the part's program could not be started: \(text)"
        }
    }
}
