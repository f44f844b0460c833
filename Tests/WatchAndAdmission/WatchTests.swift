import ContractWatch
import SolutionWatch
import Testing

@Suite("Lab 07: where a watch begins, who may write, what a watcher is told")
struct WatchTests {
    let part = Watch()

    @Test(
        "A watch resumes from any revision that the history reaches back to, and from none before",
        arguments: [
            (nil, WatchStart.snapshot), (0, .snapshot), (99, .gone), (100, .resume), (101, .resume),
            (5000, .resume),
        ] as [(Int?, WatchStart)])
    func start(revision: Int?, expected: WatchStart) throws {
        #expect(try part.start(WatchRequestFacts(revision: revision, oldest: 100)) == expected)
    }

    @Test("Who asks for the initial events gets them and a mark, however old the revision")
    func initialEvents() throws {
        for revision in [nil, 0, 1, 500] as [Int?] {
            let request = WatchRequestFacts(
                revision: revision, sendInitialEvents: true, oldest: 100)
            #expect(try part.start(request) == .snapshotWithMark)
        }
    }

    @Test("A writer that read another version is refused, one that doesn't mind is not")
    func compareAndSwap() throws {
        #expect(try part.mayWrite(WriteFacts(expected: "7", actual: "7")) == .yes)
        #expect(try part.mayWrite(WriteFacts(expected: "7", actual: "8")) == .changed)
        #expect(try part.mayWrite(WriteFacts(expected: "", actual: "8")) == .yes)
    }

    @Test("Another object of the same name is told apart by its uid, before versions are compared")
    func replaced() throws {
        let write = WriteFacts(expected: "7", actual: "8", expectedUID: "a", actualUID: "b")
        #expect(try part.mayWrite(write) == .replaced)
    }

    @Test("An object that stops matching a selector is deleted for its watcher, though it lives on")
    func told() throws {
        #expect(try part.told(ChangeFacts(matchedBefore: false, matchesNow: true)) == .added)
        #expect(try part.told(ChangeFacts(matchedBefore: true, matchesNow: true)) == .modified)
        #expect(try part.told(ChangeFacts(matchedBefore: true, matchesNow: false)) == .deleted)
        #expect(try part.told(ChangeFacts(matchedBefore: false, matchesNow: false)) == nil)
    }

    @Test("The desk answers each question of the contract")
    func desk() {
        #expect(part.desk.questions == ["mayWrite", "start", "told"])
    }
}
