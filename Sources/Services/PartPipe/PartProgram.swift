import Contract
import JSON
import Linux

/// A part that runs as a program of its own, asked over a socket, one question at a time.
///
/// The program is started at the first question and again after it crashed, hung or flooded, so one
/// bad
/// answer costs one answer. What it prints is kept, the last 16 KiB of it, for the error that may
/// need it.
public final class PartProgram: Asker, @unchecked Sendable {
    // @unchecked: every access to the state below happens with `lock` held.
    private let path: String
    private let deadlineMilliseconds: Int
    private let isConfined: Bool
    /// How long all answers together may still take; nil without such a bound.
    private var millisecondsLeft: Int?
    private let lock = Lock()
    private var running: Running?
    private var nextID = 1
    /// Called with every line that crosses the pipe: for transcripts.
    private let transcript: (@Sendable (TranscriptLine) -> Void)?

    /// How often a part may fork for one answer. More forks fail.
    static let forksMax = 32

    /// One line of a conversation, and who said it.
    public struct TranscriptLine: Sendable {
        public let fromPart: Bool
        public let text: String
    }

    /// - Parameters:
    ///   - path: the part's program.
    ///   - deadlineMilliseconds: how long one answer may take.
    ///   - totalMilliseconds: how long all answers together may take.
    ///   - confined: whether the part runs in a cell, from which neither the asker nor any file but the system's can be
    ///     reached, where the machine allows one. For askers with one thread.
    public init(
        path: String, deadlineMilliseconds: Int = 5000, totalMilliseconds: Int? = nil,
        confined: Bool = false, transcript: (@Sendable (TranscriptLine) -> Void)? = nil
    ) {
        self.path = path
        self.deadlineMilliseconds = deadlineMilliseconds
        isConfined = confined
        millisecondsLeft = totalMilliseconds
        self.transcript = transcript
    }

    deinit { running?.stop() }

    /// What the part was asked last: `undoTarget`.
    public var lastQuestion: String? { lock.hold { asked } }
    private var asked: String?

    /// The last of what the program printed since it was started: a student's own `print`s.
    public var printed: String { lock.hold { running?.printedText ?? "" } }

    public func ask<Input, Output>(_ question: Question<Input, Output>, _ input: Input) throws
        -> Output
    {
        try ask(question, input, kernel: nil)
    }

    /// - Parameter kernel: carries out the system calls that the part asks for while it works on
    ///   its answer:
    ///   gets the call's name and arguments, gives what it returned, or throws the `Errno`.
    public func ask<Input, Output>(
        _ question: Question<Input, Output>, _ input: Input, kernel: ((JSON) throws -> JSON)?
    ) throws -> Output {
        try converse(question.name, try JSON(encoding: input), kernel: kernel) { answer in
            do { return try answer.decode(Output.self) } catch {
                throw PartFailure.misunderstood(
                    "the answer to \(question.name) has another shape: \(error)")
            }
        }
    }

    /// Starts the program before anybody asks it: who starts it is its parent.
    public func start() throws {
        try lock.hold {
            if running == nil { running = try Running(path: path, confined: isConfined) }
        }
    }

    /// Starts the program and hears it refuse a question that no contract has.
    /// - Throws: `PartFailure` where what was started is no part.
    public func prove() throws {
        do { _ = try ask(Question<Bool, Bool>("?"), true) } catch PartFailure.threw {}
    }

    /// Ends the program: the next question starts it anew, and finds nothing that it remembers.
    public func end() {
        lock.hold {
            running?.stop()
            running = nil
        }
    }

    /// From now on, all answers together may take so long.
    public func allow(milliseconds: Int) { lock.hold { millisecondsLeft = milliseconds } }

    private func converse<Output>(
        _ name: String, _ input: JSON, kernel: ((JSON) throws -> JSON)?,
        read: (JSON) throws -> Output
    ) throws -> Output {
        try lock.hold {
            if running == nil { running = try Running(path: path, confined: isConfined) }
            let id = nextID
            nextID += 1
            asked = name
            let began = Clock.monotonicMilliseconds()
            defer {
                if let left = millisecondsLeft {
                    millisecondsLeft = left - (Clock.monotonicMilliseconds() - began)
                }
            }
            do {
                return try read(try exchange(running!, id, name, input, kernel))
            } catch let failure as PartFailure {
                if !failure.leavesProgramWell {
                    running?.stop()
                    running = nil
                }
                throw failure
            }
        }
    }

    private func exchange(
        _ running: Running, _ id: Int, _ name: String, _ input: JSON,
        _ kernel: ((JSON) throws -> JSON)?
    ) throws -> JSON {
        if let line = running.begin() {
            throw PartFailure.misunderstood("something that nobody asked for: \(preview(line))")
        }
        let allowed = min(deadlineMilliseconds, max(0, millisecondsLeft ?? .max))
        let end = Clock.monotonicMilliseconds() + allowed
        let question: JSON = ["id": JSON(id), "ask": .string(name), "input": input]
        try say(question, to: running, until: end, about: name)
        var forks = 0
        while true {
            let line = try line(running.nextLine(until: end), from: running, about: name)
            transcript?(.init(fromPart: true, text: String(decoding: line, as: UTF8.self)))
            guard let reply = try? JSON(parsing: line), reply["id"]?.int == id else {
                throw PartFailure.misunderstood(
                    "a line that is no answer to question \(id): \(preview(line))")
            }
            if let call = reply["call"] {
                // Each fork leaves a process here that waits for its child: a loop of them is refused as the kernel
                // refuses one who has too many processes.
                let isFork = call["fork"] != nil
                if isFork { forks += 1 }
                let result: JSON =
                    isFork && forks > Self.forksMax
                    ? ["errno": JSON(Int(EAGAIN))] : try carryOut(call, with: kernel)
                try say(result, to: running, until: end, about: name)
                continue
            }
            if let answer = reply["answer"] { return answer }
            if let step = reply["unfinished"]?.string { throw PartFailure.unfinished(step: step) }
            if let text = reply["threw"]?.string { throw PartFailure.threw(text) }
            throw PartFailure.misunderstood("neither an answer nor an error: \(preview(line))")
        }
    }

    private func carryOut(_ call: JSON, with kernel: ((JSON) throws -> JSON)?) throws -> JSON {
        guard let kernel else { return ["errno": JSON(Int(ENOSYS))] }
        do {
            return ["returned": try kernel(call)]
        } catch let errno as Errno {
            return ["errno": JSON(Int(errno.rawValue))]
        } catch let error as SystemError {
            return ["errno": JSON(Int(error.errno.rawValue))]
        }
    }

    private func say(_ value: JSON, to running: Running, until end: Int, about name: String) throws
    {
        let bytes = value.bytes
        transcript?(.init(fromPart: false, text: String(decoding: bytes, as: UTF8.self)))
        if let event = running.say(bytes, until: end) {
            _ = try line(event, from: running, about: name)
        }
    }

    /// The line, or the error that came instead.
    private func line(_ event: Running.Event, from running: Running, about name: String) throws
        -> [UInt8]
    {
        switch event {
        case .line(let bytes): return bytes
        case .late: throw PartFailure.timedOut(milliseconds: deadlineMilliseconds, question: name)
        case .flood(let what): throw PartFailure.misunderstood(what)
        case .ended: throw running.lastWords()
        }
    }

    private func preview(_ line: [UInt8]) -> String {
        // A terminal shows what is in this text: control characters stay what they are called.
        String(decoding: line.prefix(200), as: UTF8.self).unicodeScalars.reduce(into: "") {
            text, scalar in
            let isControl = scalar.value < 0x20 || scalar.value == 0x7F
            text += isControl ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
    }
}

extension PartProgram: KernelAsker {
    public func ask<Input, Output>(
        _ question: Question<Input, Output>, _ input: Input, kernel: any Kernel
    ) throws -> Output {
        try ask(question, input) { json in
            guard let call = KernelCall(json: json) else { throw Errno.invalid }
            return try kernel.perform(call).json
        }
    }
}

extension PartFailure {
    /// After an error that the part itself reported, its program can take the next question.
    var leavesProgramWell: Bool {
        switch self {
        case .threw, .unfinished: true
        default: false
        }
    }
}
