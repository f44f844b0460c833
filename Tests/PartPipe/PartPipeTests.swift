import Contract
import Linux
import Testing

@testable import PartPipe

/// What a part does to whoever asks it, at its worst: a verdict in time, in exact words, and then
/// the next question.
@Suite(.serialized) final class HostilePartTests {
    private static let double = Question<Int, Int>("double")

    deinit { try? Files.removeTree(scratchPath) }

    /// Asks an honest question, the fatal one, and an honest one again.
    private func verdict(
        _ way: String, deadlineMilliseconds: Int = 1500, nextToo: Bool = true
    ) throws -> PartFailure? {
        let program = PartProgram(
            path: try hostile(way), deadlineMilliseconds: deadlineMilliseconds)
        #expect(try program.ask(Self.double, 4) == 8)
        let start = Clock.monotonicMilliseconds()
        var failure: PartFailure?
        do { _ = try program.ask(Self.double, 13) } catch let error as PartFailure {
            failure = error
        }
        #expect(Clock.monotonicMilliseconds() - start < deadlineMilliseconds + 1500)
        if nextToo { #expect(try program.ask(Self.double, 5) == 10) }
        return failure
    }

    @Test func aTrapIsACrashWithItsLastWords() throws {
        guard case .crashed(let ending, let words) = try verdict("trap") else {
            Issue.record("no crash")
            return
        }
        #expect(ending.hasPrefix("killed by signal"))
        #expect(words.contains("Fatal error: Index out of range"))
    }

    @Test(arguments: ["hang", "sleep"])
    func noAnswerInTimeIsATimeout(way: String) throws {
        let failure = try #require(try verdict(way, deadlineMilliseconds: 300))
        #expect(
            "\(failure)"
                == "no answer to double within 300 ms: is there a loop that does not end?")
    }

    @Test(arguments: [
        ("prints", "more than 1 MiB printed while answering one question"),
        ("answers", "an answer of more than 16 MiB"),
        ("memory", "more than 512 MiB of memory taken"),
        ("childmemory", "more than 512 MiB of memory taken by it and what it started"),
        ("groupmemory", "more than 512 MiB of memory taken by it and what it started"),
        ("bomb", "more than 64 processes started"),
        ("wrongid", #"a line that is no answer to question 2: {"id":77,"answer":99}"#),
        ("garbage", "a line that is no answer to question 2: \\u{7}{]"),
        ("neither", #"neither an answer nor an error: {"id":2}"#),
    ])
    func whatIsNoAnswerIsSaidToBeNone(way: String, message: String) throws {
        let failure = try #require(try verdict(way, deadlineMilliseconds: 10_000))
        #expect("\(failure)" == "the part's program did not keep to the contract: \(message)")
    }

    @Test func anAnswerOfAnotherShapeIsMisunderstood() throws {
        guard case .misunderstood(let words) = try verdict("shape") else {
            Issue.record("accepted")
            return
        }
        #expect(words.hasPrefix("the answer to double has another shape:"))
    }

    @Test func anAnswerThatIsPrintedIsNoAnswer() throws {
        #expect(try verdict("printed") == nil)
    }

    @Test func anAnswerBeforeItsQuestionIsRefused() throws {
        let program = PartProgram(path: try hostile("early"))
        #expect(try program.ask(Self.double, 4) == 8)
        #expect(try program.ask(Self.double, 13) == 26)
        // The part has written an answer to question 3, and its own second answer to question 2.
        usleep(50_000)
        #expect(throws: PartFailure.self) { try program.ask(Self.double, 5) }
        #expect(try program.ask(Self.double, 6) == 12)
    }

    @Test func aQuietEndIsSaid() throws {
        let failure = try #require(try verdict("quiet"))
        #expect("\(failure)" == "the part's program exited with status 0")
    }

    @Test func aClosedPipeIsSaid() throws {
        let failure = try #require(try verdict("closes"))
        // Its own answer can't be written either, so it ends.
        #expect("\(failure)" == "the part's program exited with status 3")
    }

    @Test func anUnfinishedStepIsNoCrash() throws {
        #expect(try verdict("throws") == .unfinished(step: "99.1"))
    }

    @Test(arguments: [
        ("children", "98765"), ("bomb", "98764"), ("childmemory", "98763"), ("groupmemory", "98762"),
    ])
    func whatThePartStartedEndsWithIt(way: String, word: String) throws {
        _ = try verdict(way, deadlineMilliseconds: 300, nextToo: way == "children")
        #expect(try eventually(within: 5000, every: 20) { try processes(named: word) == 0 })
    }

    @Test func aProgramThatIsEndedRemembersNothingAndAnswersAgain() throws {
        let program = PartProgram(path: try hostile("last"))
        #expect(try program.ask(Self.double, 1) == 2)
        program.end()
        #expect(try processes(named: "hostile-last") == 0)
        #expect(try program.ask(Self.double, 1) == 2)
    }

    @Test func theTimeForAllAnswersCanBeGivenAnew() throws {
        let program = PartProgram(
            path: try hostile("hang"), deadlineMilliseconds: 60_000, totalMilliseconds: 60_000)
        program.allow(milliseconds: 300)
        #expect(throws: PartFailure.self) { try program.ask(Self.double, 13) }
        // All of it is used up, until there is more.
        #expect(throws: PartFailure.self) { try program.ask(Self.double, 4) }
        program.allow(milliseconds: 60_000)
        #expect(try program.ask(Self.double, 4) == 8)
    }

    /// Each fork leaves a process with who carries it out, so a loop of them has to end there.
    @Test func forksWithoutEndAreRefused() throws {
        let program = PartProgram(path: try forker(), deadlineMilliseconds: 20_000)
        var forked = 0
        let answer = try program.ask(Question<Int, Int>("forks"), 0) { call in
            forked += call["fork"] == nil ? 0 : 1
            return [:]
        }
        #expect(forked == PartProgram.forksMax)
        #expect(answer == Int(EAGAIN))
    }

    /// A part that forks until it is refused, and answers with the errno.
    private func forker() throws -> String {
        try script(
            """
            read question <&3
            while echo '{"id":1,"call":{"fork":[]}}' >&3; read reply <&3; do
                case $reply in *errno*) break ;; esac
            done
            printf '{"id":1,"answer":%d}\\n' $(echo "$reply" | tr -dc 0-9) >&3
            read more <&3
            """)
    }

    @Test func aPartThatReadsNothingHoldsNobodyUp() throws {
        let program = PartProgram(path: "/bin/sleep-forever-that-is-not-there")
        #expect(throws: PartFailure.self) { try program.ask(Self.double, 1) }
        let deaf = PartProgram(path: try script("exec sleep 97531"), deadlineMilliseconds: 300)
        let long = Question<String, String>("long")
        let start = Clock.monotonicMilliseconds()
        #expect(throws: PartFailure.timedOut(milliseconds: 300, question: "long")) {
            try deaf.ask(long, String(repeating: "x", count: 8 << 20))
        }
        #expect(Clock.monotonicMilliseconds() - start < 2000)
        usleep(50_000)
        #expect(try processes(named: "97531") == 0)
    }

    @Test func nothingIsLeftOfAProgramThatIsNoLongerAsked() throws {
        let before = try processes(named: "hostile-last")
        do {
            let program = PartProgram(path: try hostile("last"))
            #expect(try program.ask(Self.double, 1) == 2)
            #expect(try processes(named: "hostile-last") == before + 1)
        }
        #expect(try processes(named: "hostile-last") == before)
        #expect(try Files.list("/proc/self/fd").count < 100)
    }
}

/// The hostile program under the name that says how to misbehave.
private func hostile(_ way: String) throws -> String {
    let link = try scratchDirectory() + "/hostile-\(way)"
    unlink(link)
    #expect(symlink(builtProgram("hostile"), link) == 0)
    return link
}

private func script(_ text: String) throws -> String {
    let path = try scratchDirectory() + "/script.sh"
    try Files.write("#!/bin/sh\n\(text)\n", to: path, mode: 0o755)
    return path
}

private func scratchDirectory() throws -> String {
    try Files.makeDirectories(scratchPath)
    return scratchPath
}

private let scratchPath = "/tmp/drydock-partpipe.\(getpid())"

/// A program that the package's build made, beside the test's own.
func builtProgram(_ name: String) -> String {
    let own = (try? readLink("/proc/self/exe")) ?? ""
    var directories = [own] + CommandLine.arguments.filter { $0.contains(".xctest") }
    directories = directories.map { $0.split(separator: "/").dropLast().joined(separator: "/") }
    return directories.map { "/\($0)/\(name)" }.first { Files.exists($0) } ?? name
}

private func readLink(_ path: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let got = try check("readlink \(path)") { readlink(path, &buffer, buffer.count) }
    return String(decoding: buffer[..<got].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// How many processes have this word in their command line.
private func processes(named word: String) throws -> Int {
    try Files.list("/proc").filter { $0.allSatisfy(\.isNumber) }.filter { pid in
        guard let line = try? Files.readText("/proc/\(pid)/cmdline") else { return false }
        return line.contains(word) && Int32(pid) != getpid()
    }.count
}
