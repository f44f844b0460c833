import ContractRollout
import JSON
import Linux
import SolutionRollout
import Testing

@testable import PartPipe

/// Lab 10 through the seam: the same rollout decided in process, by the reference behind a pipe,
/// and by the starter.
@Suite struct RolloutTranscriptTests {
    /// Kept as golden: what is said about one rollout of three pods, question by question.
    private let transcriptPath =
        String(#filePath.dropLast("RolloutTranscriptTests.swift".count)) + "Transcripts/10-rollout.transcript"

    @Test func theReferenceSaysTheSameBehindThePipeAndInProcess() throws {
        let remote = Recorder()
        let program = PartProgram(path: builtProgram("reference-10")) { remote.add($0) }
        let far = try rollout(asking: RemoteRollout(asking: program))

        let local = Recorder()
        let near = try rollout(
            asking: RemoteRollout(asking: LocalAsker(desk: Rollout().desk, recorder: local)))
        #expect(far == near)
        #expect(try rollout(asking: Rollout()) == near)
        #expect(remote.lines == local.lines)

        let said = remote.lines.joined(separator: "\n") + "\n"
        if getenv("DRYDOCK_RECORD") != nil { try Files.write(said, to: transcriptPath) }
        #expect(
            said == (try Files.readText(transcriptPath)),
            "another transcript than \(transcriptPath); if that is meant: DRYDOCK_RECORD=1")
    }

    @Test func theStarterSaysWhichStepIsMissing() throws {
        let part = RemoteRollout(asking: PartProgram(path: builtProgram("part-10")))
        #expect(throws: PartFailure.unfinished(step: "10.2")) {
            try part.bounds(replicas: 3, maxSurge: .pods(1), maxUnavailable: .pods(0))
        }
        #expect(throws: PartFailure.unfinished(step: "10.1")) {
            try rollout(asking: part)
        }
    }

    @Test func aQuestionThatTheContractDoesNotHaveIsAnError() throws {
        let program = PartProgram(path: builtProgram("reference-10"))
        #expect(
            throws: PartFailure.threw(
                #"the part's program did not keep to the contract: no question "dance" in this contract"#
            )
        ) {
            try program.ask(Question<Int, Int>("dance"), 1)
        }
    }

    /// From v1 to v2 over ideal pods that are available at the next look: the sizes after each
    /// look.
    private func rollout(asking part: some RolloutContract) throws -> [String] {
        var deployment = DeploymentFacts(
            name: "web", replicas: 3, maxSurge: .pods(1), maxUnavailable: .pods(0),
            templateHash: "v1")
        var sets: [RevisionFacts] = []
        var story: [String] = []
        for look in 0..<10 {
            if look == 2 { deployment.templateHash = "v2" }
            let view = DeploymentView(deployment: deployment, sets: sets, now: 1000 + look)
            let plan = try part.plan(view)
            if let create = plan.create {
                sets.append(
                    RevisionFacts(
                        name: create.name, templateHash: create.templateHash,
                        revision: create.revision,
                        desired: 3, replicas: create.replicas, created: 1000 + look))
            }
            for index in sets.indices {
                if let resize = plan.resize.first(where: { $0.name == sets[index].name }) {
                    sets[index].replicas = resize.to
                }
                let size = sets[index].replicas
                (sets[index].pods, sets[index].ready, sets[index].available) = (size, size, size)
            }
            (deployment.status, deployment.progressing) = (plan.status, plan.progressing)
            deployment.available = plan.available
            story.append(sets.map { "\($0.name) \($0.replicas)" }.joined(separator: ", "))
        }
        return story
    }
}

/// Collects a conversation.
private final class Recorder: @unchecked Sendable {
    // @unchecked: one question at a time, and every access with the lock held.
    private let lock = Lock()
    private var collected: [String] = []

    var lines: [String] { lock.hold { collected } }

    func add(_ line: PartProgram.TranscriptLine) {
        lock.hold { collected.append((line.fromPart ? "< " : "> ") + line.text) }
    }
}

/// The seam without a process: the same lines, answered by the desk right here.
private struct LocalAsker: Asker, @unchecked Sendable {
    // @unchecked: the desk's answers are pure functions.
    let desk: Desk
    let recorder: Recorder
    private let counter = Counter()
    private final class Counter { var id = 0 }

    init(desk: Desk, recorder: Recorder) { (self.desk, self.recorder) = (desk, recorder) }

    func ask<Input, Output>(_ question: Question<Input, Output>, _ input: Input) throws -> Output {
        counter.id += 1
        let input = try JSON(encoding: input)
        let line: JSON = ["id": JSON(counter.id), "ask": .string(question.name), "input": input]
        recorder.add(.init(fromPart: false, text: line.text))
        let answer = try desk.answer(question.name, input)
        let reply: JSON = ["id": JSON(counter.id), "answer": answer]
        recorder.add(.init(fromPart: true, text: reply.text))
        return try answer.decode()
    }
}
