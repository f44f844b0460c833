import ContractPodLifecycle
import SolutionPodLifecycle
import Testing

/// Lab 12's reference against the sentences of the Kubernetes documentation, "Pod Lifecycle".
@Suite struct PodLifecycleTests {
    let part = PodLifecycle()

    private func pod(
        _ policy: RestartPolicy, initial: [ContainerView] = [], _ containers: ContainerView...
    ) -> PodView {
        PodView(restartPolicy: policy, initContainers: initial, containers: containers)
    }
    private let ok = ContainerView("a", .ended, exitCode: 0)
    private let bad = ContainerView("b", .ended, exitCode: 1)
    private let up = ContainerView("c", .running)
    private let new = ContainerView("d", .waiting)

    @Test func aPodIsPendingUntilEveryContainerHasBeenStarted() {
        #expect(part.phase(pod(.always, new)) == .pending)
        #expect(part.phase(pod(.always, up, new)) == .pending)
        #expect(part.phase(pod(.always, up)) == .running)
    }

    @Test func aPodIsPendingWhileItsInitContainersRunOrFail() {
        #expect(part.phase(pod(.always, initial: [up], new)) == .pending)
        #expect(part.phase(pod(.always, initial: [bad], new)) == .pending)
        #expect(part.phase(pod(.never, initial: [bad], new)) == .failed)
        #expect(part.phase(pod(.never, initial: [ok], up)) == .running)
    }

    @Test func whatWillBeRestartedIsRunning() {
        #expect(part.phase(pod(.always, ok)) == .running)
        #expect(part.phase(pod(.onFailure, bad, ok)) == .running)
    }

    @Test func aPodSucceedsWhenAllHaveEndedWellAndFailsWhenOneHasNot() {
        #expect(part.phase(pod(.onFailure, ok)) == .succeeded)
        #expect(part.phase(pod(.never, ok, ok)) == .succeeded)
        #expect(part.phase(pod(.never, ok, bad)) == .failed)
        #expect(part.phase(pod(.never, up, bad)) == .running)
    }

    @Test func initContainersRunOneAfterTheOther() {
        let second = ContainerView("second", .waiting)
        #expect(part.nextStep(pod(.always, initial: [new, second], new)) == .start(["d"]))
        #expect(part.nextStep(pod(.always, initial: [up, second], new)) == .start([]))
        #expect(part.nextStep(pod(.always, initial: [ok, second], new)) == .start(["second"]))
        #expect(part.nextStep(pod(.always, initial: [ok, ok], new, new)) == .start(["d", "d"]))
        #expect(part.nextStep(pod(.onFailure, initial: [bad], new)) == .start(["b"]))
        #expect(part.nextStep(pod(.never, initial: [bad], new)) == .finished)
    }

    @Test func thePolicySaysWhichEndedContainersComeBack() {
        #expect(part.nextStep(pod(.always, ok, bad, up)) == .start(["a", "b"]))
        #expect(part.nextStep(pod(.onFailure, ok, bad)) == .start(["b"]))
        #expect(part.nextStep(pod(.never, ok, bad)) == .finished)
        #expect(part.nextStep(pod(.never, ok, up)) == .start([]))
    }

    @Test func backOffDoublesFromTenSecondsToFiveMinutesAndStartsAnewAfterTenMinutes() {
        var seconds: [Int] = []
        for _ in 0..<8 {
            seconds.append(
                part.backOff(BackOffView(previousSeconds: seconds.last, ranSeconds: 1)))
        }
        #expect(seconds == [0, 10, 20, 40, 80, 160, 300, 300])
        #expect(part.backOff(BackOffView(previousSeconds: 300, ranSeconds: 599)) == 300)
        #expect(part.backOff(BackOffView(previousSeconds: 300, ranSeconds: 600)) == 0)
    }

    @Test func aProbesVerdictChangesOnlyAfterItsThreshold() {
        var memory = ProbeMemory()
        let verdicts = [true, false, false, true, false, false, false, true].map { answer in
            memory = part.judge(ProbeView(memory: memory, answer: answer))
            return memory.verdict
        }
        #expect(verdicts == [true, true, true, true, true, true, false, true])
    }

    @Test func aSuccessThresholdOfTwoTakesTwoInARow() {
        var memory = ProbeMemory()
        let verdicts = [true, false, true, true].map { answer in
            memory = part.judge(ProbeView(memory: memory, answer: answer, successThreshold: 2))
            return memory.verdict
        }
        #expect(verdicts == [nil, nil, nil, true])
    }

    @Test func preStopUsesUpTheGracePeriodButLeavesTwoSeconds() {
        #expect(part.gracePeriod(GraceView(podSeconds: 30)) == 30)
        #expect(part.gracePeriod(GraceView(podSeconds: 30, deletionSeconds: 5)) == 5)
        #expect(part.gracePeriod(GraceView(podSeconds: 30, preStopSeconds: 12)) == 18)
        #expect(part.gracePeriod(GraceView(podSeconds: 30, preStopSeconds: 40)) == 2)
        #expect(part.gracePeriod(GraceView(podSeconds: 30, deletionSeconds: 0)) == 0)
    }
}
