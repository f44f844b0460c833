import Contract
import JSON
import Objects
import PodRuntime
import SolutionPodLifecycle
import Testing

@testable import PodWork

/// One pod through its life, with a clock that the test turns.
struct Life {
    var machine: PodMachine
    var containers: [CRIContainer] = []
    var sandboxes: [PodSandboxStatus] = []

    init(_ spec: JSON) throws {
        var tree: JSON = ["metadata": ["name": "web", "namespace": "default", "uid": "u"]]
        tree["spec"] = spec
        let pod: Pod = try tree.decode()
        machine = PodMachine(pod: pod, part: PodLifecycle())
    }

    /// Carries out what the machine decides, as a runtime would, and says what it was.
    mutating func turn(at second: Int) throws -> [PodAction] {
        machine.observe(sandboxes: sandboxes, containers: containers)
        let actions = try machine.decide(now: second)
        for action in actions {
            switch action {
            case .createSandbox(let attempt): addSandbox(attempt)
            case .stopSandbox(let id):
                sandboxes = sandboxes.map { $0.id == id ? stopped($0) : $0 }
            case .start(let name, let attempt): add(name, attempt, at: second)
            case .removeContainer(let id): containers.removeAll { $0.id == id }
            case .kill, .wake, .tellBackOff, .endForGood, .endSidecar: break
            }
        }
        machine.observe(sandboxes: sandboxes, containers: containers)
        return actions
    }

    private func stopped(_ sandbox: PodSandboxStatus) -> PodSandboxStatus {
        var sandbox = sandbox
        (sandbox.isReady, sandbox.ip) = (false, nil)
        return sandbox
    }

    private mutating func addSandbox(_ attempt: Int) {
        let config = PodSandboxConfig(
            name: "web", namespace: "default", uid: "u", attempt: attempt, hostname: "web",
            logDirectory: "/l", cgroupParent: "podu")
        sandboxes.append(
            PodSandboxStatus(
                id: "s\(attempt)", config: config, isReady: true, ip: "10.244.1.\(attempt + 2)",
                createdAt: 0))
    }

    private mutating func add(_ name: String, _ attempt: Int, at second: Int) {
        let config = ContainerConfig(
            name: name, attempt: attempt, image: "i", imageID: "i@sha256:0", layers: [],
            process: ProcessConfig(arguments: ["x"]), logPath: "\(name)/\(attempt).log")
        var status = CRIContainer(
            id: "\(name)-\(attempt)", sandbox: sandboxes.last?.id ?? "", config: config,
            createdAt: second * 1_000_000_000, logFile: "")
        status.state = .running
        status.startedAt = status.createdAt
        containers.append(status)
    }

    mutating func end(_ id: String, code: Int, at second: Int) {
        for index in containers.indices where containers[index].id == id {
            containers[index].state = .exited
            containers[index].exitCode = code
            containers[index].reason = code == 0 ? "Completed" : "Error"
            containers[index].finishedAt = second * 1_000_000_000
        }
    }

    func status(at second: Int, after last: PodStatus? = nil) throws -> PodStatus {
        try machine.status(after: last, hostIP: "10.88.0.11", now: Timestamp(seconds: second))
    }
}

@Suite struct PodMachineTests {
    @Test func aSandboxComesBeforeItsContainersAndInitContainersBeforeTheOthers() throws {
        var life = try Life(["initContainers": [["name": "i"]], "containers": [["name": "c"]]])
        #expect(try life.turn(at: 0) == [.createSandbox(attempt: 0)])
        #expect(try life.turn(at: 0) == [.start(name: "i", attempt: 0)])
        #expect(try life.turn(at: 0) == [])
        #expect(
            try life.status(at: 0).containerStatuses?[0].state?.waiting?.reason == "PodInitializing"
        )
        life.end("i-0", code: 0, at: 1)
        #expect(try life.turn(at: 1) == [.start(name: "c", attempt: 0)])
        let status = try life.status(at: 1)
        #expect(status.phase == "Running")
        #expect(status.podIP == "10.244.1.2")
        #expect(status.condition("Ready")?.isTrue == true)
        #expect(status.condition("Initialized")?.isTrue == true)
    }

    @Test func aCrashingContainerIsRestartedAtOnceThenAfterTenSecondsThenTwenty() throws {
        var life = try Life(["containers": [["name": "c"]]])
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        life.end("c-0", code: 1, at: 1)
        #expect(try life.turn(at: 1) == [.start(name: "c", attempt: 1)])
        life.end("c-1", code: 1, at: 2)
        #expect(try life.turn(at: 2) == [.tellBackOff(name: "c"), .wake(at: 12)])
        let status = try life.status(at: 3)
        #expect(status.containerStatuses?[0].state?.waiting?.reason == "CrashLoopBackOff")
        #expect(
            status.containerStatuses?[0].state?.waiting?.message
                == "back-off 10s restarting failed container=c pod=web_default(u)")
        #expect(status.containerStatuses?[0].lastState?.terminated?.exitCode == 1)
        #expect(status.containerStatuses?[0].restartCount == 1)
        #expect(try life.turn(at: 11) == [.wake(at: 12)])
        #expect(try life.turn(at: 12) == [.start(name: "c", attempt: 2)])
        life.end("c-2", code: 1, at: 13)
        // The one before the last is of no use to anyone.
        let last = try life.turn(at: 13)
        #expect(last == [.removeContainer("c-0"), .wake(at: 33)] || last.contains(.wake(at: 33)))
        #expect(!life.containers.contains { $0.id == "c-0" })
    }

    @Test func aRestartedKubeletGoesOnWithTheBackOffThatTheRestartsImply() throws {
        var life = try Life(["containers": [["name": "c"]]])
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        for attempt in 0..<3 {
            life.end("c-\(attempt)", code: 1, at: attempt * 100 + 1)
            _ = try life.turn(at: attempt * 100 + 100)
        }
        life.end("c-3", code: 1, at: 401)
        life.machine = PodMachine(pod: life.machine.pod, part: PodLifecycle())
        #expect(try life.turn(at: 401).contains(.wake(at: 441)))
    }

    @Test func aPodThatRunsLongerThanItMayIsEndedAndHasFailed() throws {
        var life = try Life([
            "activeDeadlineSeconds": 30, "restartPolicy": "OnFailure",
            "containers": [["name": "c"]],
        ])
        _ = try life.turn(at: 100)
        _ = try life.turn(at: 100)
        life.machine.pod.status = try life.status(at: 100)
        #expect(try life.turn(at: 110) == [])
        #expect(try life.turn(at: 121) == [.wake(at: 130)])
        #expect(try life.turn(at: 130) == [.endForGood(["c-0": "c"])])
        #expect(try life.status(at: 130).phase == "Failed")
        life.end("c-0", code: 143, at: 131)
        // Not started again, whatever the policy says; then the network goes.
        #expect(try life.turn(at: 131) == [.stopSandbox("s0")])
        let status = try life.status(at: 131, after: life.machine.pod.status)
        #expect((status.phase, status.reason) == ("Failed", "DeadlineExceeded"))
        // A kubelet that starts now finds a pod that is over, and keeps the reason.
        life.machine = PodMachine(pod: life.machine.pod, part: PodLifecycle())
        life.machine.pod.status = status
        #expect(try life.turn(at: 132) == [])
        #expect(try life.status(at: 132, after: status).reason == "DeadlineExceeded")
    }

    @Test func aPodThatIsOverGivesItsNetworkBackAndKeepsItsDead() throws {
        var life = try Life(["restartPolicy": "Never", "containers": [["name": "c"]]])
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        life.end("c-0", code: 7, at: 5)
        #expect(try life.turn(at: 5) == [.stopSandbox("s0")])
        #expect(try life.turn(at: 6) == [])
        let status = try life.status(at: 6)
        #expect(status.phase == "Failed")
        #expect(status.containerStatuses?[0].state?.terminated?.exitCode == 7)
        #expect(life.containers.count == 1)
    }

    /// A finalizer holds the object of a pod that was taken down: whoever looks at it next, finds nothing on the node.
    @Test func aPodThatIsTakenDownSaysOfItsContainersWhatWasSaidLast() throws {
        var life = try Life(["containers": [["name": "c"], ["name": "d"], ["name": "e"]]])
        for _ in 0...1 { _ = try life.turn(at: 0) }
        life.containers.removeAll { $0.config.name == "e" }
        life.end("c-0", code: 30, at: 5)
        life.machine.pod.metadata.deletionTimestamp = Timestamp(seconds: 5)
        life.machine.observe(sandboxes: life.sandboxes, containers: life.containers)
        let last = try life.status(at: 5)
        life.machine.pod.status = last
        life.machine.observe(sandboxes: [], containers: [])
        let status = try life.status(at: 6, after: last)
        #expect(status.phase == last.phase)
        #expect(status.containerStatuses?[0] == last.containerStatuses?[0])
        #expect(status.containerStatuses?[0].state?.terminated?.exitCode == 30)
        let lost = status.containerStatuses?[1]
        #expect(lost?.state?.terminated?.reason == "ContainerStatusUnknown" && lost?.ready == false)
        // What never ran has no end.
        #expect(status.containerStatuses?[2].state?.waiting?.reason == "ContainerCreating")
    }

    @Test func afterARebootOfTheNodeANewSandboxIsMadeAndTheContainerCountsARestart() throws {
        var life = try Life(["containers": [["name": "c"]]])
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        life.sandboxes[0].isReady = false
        life.end("c-0", code: 137, at: 50)
        #expect(try life.turn(at: 60) == [.stopSandbox("s0"), .createSandbox(attempt: 1)])
        #expect(try life.turn(at: 60) == [.start(name: "c", attempt: 1)])
        #expect(try life.status(at: 60).podIP == "10.244.1.3")
    }

    @Test func readinessAndLivenessWaitForTheStartupProbe() throws {
        let probe: JSON = ["tcpSocket": ["port": 80]]
        var life = try Life([
            "containers": [
                [
                    "name": "c", "startupProbe": probe, "readinessProbe": probe,
                    "livenessProbe": probe,
                ]
            ]
        ])
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        #expect(!life.machine.isStarted("c"))
        _ = try life.machine.record(.readiness, of: "c", containerID: "c-0", answer: true)
        #expect(!life.machine.isReady("c"))
        #expect(try life.machine.record(.startup, of: "c", containerID: "c-0", answer: true))
        #expect(life.machine.isStarted("c"))
        #expect(life.machine.isReady("c"))
    }

    @Test func threeFailedLivenessProbesKillTheContainerAndAnotherRunsAnswersCountForNothing()
        throws
    {
        var life = try Life([
            "containers": [["name": "c", "livenessProbe": ["tcpSocket": ["port": 80]]]]
        ])
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        for _ in 0..<2 {
            #expect(try !life.machine.record(.liveness, of: "c", containerID: "c-0", answer: false))
        }
        #expect(try !life.machine.record(.liveness, of: "c", containerID: "old", answer: false))
        #expect(try life.turn(at: 1) == [])
        #expect(try life.machine.record(.liveness, of: "c", containerID: "c-0", answer: false))
        #expect(try life.turn(at: 2) == [.kill(id: "c-0", name: "c", probe: .liveness)])
    }

    @Test func anImageThatIsNotThereIsTriedAgainLaterAndLater() throws {
        var life = try Life(["containers": [["name": "c"]]])
        _ = try life.turn(at: 0)
        life.machine.failedToStart("c", reason: "ErrImagePull", message: "no such image", now: 0)
        #expect(try life.turn(at: 1) == [.tellBackOff(name: "c"), .wake(at: 10)])
        #expect(
            try life.status(at: 1).containerStatuses?[0].state?.waiting?.reason == "ErrImagePull")
        life.machine.failedToStart("c", reason: "ErrImagePull", message: "no such image", now: 10)
        #expect(try life.turn(at: 11).contains(.wake(at: 30)))
    }

    @Test func aConditionKeepsItsTimeUntilItChangesAndThoseOfOthersStay() throws {
        var life = try Life([
            "containers": [["name": "c", "readinessProbe": ["tcpSocket": ["port": 80]]]]
        ])
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        var first = try life.status(at: 5)
        first.conditions?.append(Condition(type: "example.org/gate", status: "True"))
        #expect(first.condition("Ready")?.message == "containers with unready status: [c]")
        _ = try life.machine.record(.readiness, of: "c", containerID: "c-0", answer: true)
        let second = try life.status(at: 9, after: first)
        #expect(second.condition("Ready")?.lastTransitionTime == Timestamp(seconds: 9))
        #expect(second.condition("Initialized")?.lastTransitionTime == Timestamp(seconds: 5))
        #expect(second.condition("example.org/gate")?.isTrue == true)
    }

    @Test func aProgramThatCanNotBeStartedCountsAsEndedAndBacksOff() throws {
        var life = try Life(["containers": [["name": "c"]]])
        _ = try life.turn(at: 0)
        func fail(_ attempt: Int, at second: Int) {
            life.fail("c-\(attempt)", "no such program", at: second)
            life.machine.failedToRun("c", message: "no such program")
        }
        #expect(try life.turn(at: 0) == [.start(name: "c", attempt: 0)])
        fail(0, at: 1)
        #expect(try life.turn(at: 1) == [.start(name: "c", attempt: 1)])
        fail(1, at: 2)
        let first = try life.status(at: 2).containerStatuses![0]
        #expect(first.state?.waiting?.reason == "RunContainerError")
        #expect(first.lastState?.terminated?.exitCode == 128)
        #expect(first.lastState?.terminated?.reason == "StartError")
        #expect(first.lastState?.terminated?.message == "no such program")
        #expect(try life.turn(at: 2) == [.tellBackOff(name: "c"), .wake(at: 12)])
        let second = try life.status(at: 3).containerStatuses![0]
        #expect(second.state?.waiting?.reason == "CrashLoopBackOff")
        #expect(second.lastState?.terminated?.reason == "StartError")
    }

    @Test func aProgramThatCanNotBeStartedEndsAPodThatIsNotToBeTriedAgain() throws {
        var life = try Life(["containers": [["name": "c"]], "restartPolicy": "Never"])
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        life.fail("c-0", "no such program", at: 1)
        life.machine.failedToRun("c", message: "no such program")
        _ = try life.turn(at: 1)
        let status = try life.status(at: 1)
        #expect(status.phase == "Failed")
        #expect(status.containerStatuses?[0].state?.terminated?.reason == "StartError")
    }

    @Test(arguments: [Int.min, -1, 0, 1, Int.max])
    func noDeadlineAndNoBackOffEndsTheKubelet(_ number: Int) throws {
        var life = try Life(["containers": [["name": "c"]], "activeDeadlineSeconds": JSON(number)])
        life.machine.pod.status = PodStatus()
        life.machine.pod.status?.startTime = Timestamp(seconds: 5)
        _ = try life.turn(at: 5)
        _ = try life.turn(at: 5)
        _ = try life.turn(at: 9)
        #expect(try life.status(at: 9).phase == (number == .max ? "Running" : "Failed"))
    }
}

extension Life {
    /// The runtime could not start this container's program.
    mutating func fail(_ id: String, _ message: String, at second: Int) {
        for index in containers.indices where containers[index].id == id {
            containers[index].startedAt = 0
            (containers[index].reason, containers[index].message) = ("StartError", message)
        }
        end(id, code: 128, at: second)
        for index in containers.indices where containers[index].id == id {
            containers[index].reason = "StartError"
        }
        machine.observe(sandboxes: sandboxes, containers: containers)
    }
}
