import Contract
import JSON
import Linux

/// The open step on the pipe. The student's tests run in the program of the student's part; the part
/// that they try runs in another one. Between the two stands the judge, who passes each question on:
///
///     judge → tests    {"id":1,"ask":"openTests","input":{}}
///     tests → judge    {"id":1,"call":{"ask":"bounds","input":{…},"files":{}}}
///     judge → tests    {"returned":{"answer":{…},"calls":[]}}    or {"returned":{"failed":"…"}}
///     tests → judge    {"id":1,"answer":{}}                      or {"id":1,"threw":"the claim"}
public enum OpenStep {
    static let question = Question<Done, Done>("openTests")

    /// Has the tests in `tests` try the part in `subject`.
    /// - Throws: `PartFailure.threw` with the claim that did not hold; `.unfinished` where no tests
    ///   are written; and what else can go wrong with the tests' program.
    public static func run(testsOf tests: PartProgram, on subject: PartProgram) throws {
        _ = try tests.ask(question, Done()) { call in
            guard let name = call["ask"]?.string, let input = call["input"] else {
                throw Errno.invalid
            }
            let files = call["files"]?.object?.members ?? []
            let kernel = RecordingKernel(
                files: Dictionary(
                    files.map { ($0.name, $0.value.string ?? "") }, uniquingKeysWith: { $1 }))
            let children = call["children"] ?? []
            kernel.children = (try? children.decode(Array<EndedChild>.self)) ?? []
            for (name, flags) in call["interfaces"]?.object?.members ?? [] {
                kernel.interfaces[name] = (try? flags.decode(InterfaceFlags.self)) ?? []
            }
            do {
                let answer = try subject.ask(
                    Question<JSON, JSON>(name), input, kernel: kernel)
                return ["answer": answer, "calls": .array(kernel.calls.map(\.json))]
            } catch {
                return ["failed": .string("\(error)")]
            }
        }
    }
}

/// The part under test, as the student's tests see it.
struct TestedPart: KernelAsker, @unchecked Sendable {
    // @unchecked: a part's program has one thread.
    /// Sends a question to the judge; nil when the pipe is closed.
    let exchange: (JSON) -> JSON?

    func ask<Input, Output>(
        _ question: Question<Input, Output>, _ input: Input
    ) throws -> Output {
        try ask(question, input, kernel: RecordingKernel())
    }

    /// What the part did to the judge's kernel is done again to `kernel`, a recording one, which knows
    /// the same files, children and interfaces.
    func ask<Input, Output>(
        _ question: Question<Input, Output>, _ input: Input, kernel: any Kernel
    ) throws -> Output {
        let recording = kernel as? RecordingKernel
        let files = recording?.files.sorted { $0.key < $1.key } ?? []
        let interfaces = recording?.interfaces.sorted { $0.key < $1.key } ?? []
        let reply = exchange([
            "ask": .string(question.name), "input": try JSON(encoding: input),
            "files": .object(JSONObject(files.map { ($0.key, .string($0.value)) })),
            "children": try JSON(encoding: recording?.children ?? []),
            "interfaces": .object(
                JSONObject(try interfaces.map { ($0.key, try JSON(encoding: $0.value)) })),
        ])
        guard let returned = reply?["returned"] else {
            throw PartFailure.misunderstood("the judge closed the pipe")
        }
        if let failure = returned["failed"]?.string { throw PartFailure.threw(failure) }
        for call in returned["calls"]?.array ?? [] {
            if let call = KernelCall(json: call) { _ = try? kernel.perform(call) }
        }
        return try (returned["answer"] ?? .null).decode(Output.self)
    }
}
