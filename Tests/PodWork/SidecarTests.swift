import JSON
import Objects
import PodRuntime
import Testing

@testable import PodWork

/// Native sidecars, sentence by sentence of the Kubernetes documentation's "Sidecar Containers".
@Suite struct SidecarTests {
    private func life(_ policy: String, probe: Bool = false) throws -> Life {
        var sidecar: JSON = ["name": "s", "restartPolicy": "Always"]
        if probe {
            sidecar["startupProbe"] = ["exec": ["command": ["true"]], "failureThreshold": 9]
        }
        return try Life([
            "initContainers": [["name": "i"], sidecar, ["name": "j"]],
            "containers": [["name": "c"]],
            "restartPolicy": .string(policy),
        ])
    }

    /// Up to the container beside which the sidecar runs.
    private func running(_ policy: String) throws -> Life {
        var life = try life(policy)
        _ = try life.turn(at: 0)
        #expect(try life.turn(at: 0) == [.start(name: "i", attempt: 0)])
        life.end("i-0", code: 0, at: 1)
        #expect(try life.turn(at: 1) == [.start(name: "s", attempt: 0)])
        #expect(try life.turn(at: 1) == [.start(name: "j", attempt: 0)])
        #expect(try life.status(at: 1).phase == "Pending")
        life.end("j-0", code: 0, at: 2)
        #expect(try life.turn(at: 2) == [.start(name: "c", attempt: 0)])
        let status = try life.status(at: 2)
        #expect(status.phase == "Running" && status.condition("Ready")?.isTrue == true)
        #expect(status.condition("Initialized")?.isTrue == true)
        return life
    }

    @Test func itStartsInItsPlaceStaysAndEndsAfterTheWork() throws {
        var life = try running("Never")
        #expect(try life.turn(at: 3) == [])
        life.end("c-0", code: 0, at: 4)
        #expect(try life.turn(at: 4) == [.endSidecar(id: "s-0", name: "s")])
        #expect(try life.status(at: 4).phase == "Running")
        life.end("s-0", code: 143, at: 5)
        #expect(try life.turn(at: 5) == [.stopSandbox("s0")])
        #expect(try life.status(at: 5).phase == "Succeeded")
    }

    @Test func itIsStartedAgainWhateverThePodsPolicyAndTheOthersRunOn() throws {
        var life = try running("Never")
        life.end("s-0", code: 0, at: 3)
        #expect(try life.turn(at: 3) == [.start(name: "s", attempt: 1)])
        #expect(try life.status(at: 3).phase == "Running")
        life.end("s-1", code: 1, at: 4)
        #expect(try life.turn(at: 4) == [.tellBackOff(name: "s"), .wake(at: 14)])
        let status = try life.status(at: 5)
        #expect(status.phase == "Running")
        #expect(status.initContainerStatuses?[1].state?.waiting?.reason == "CrashLoopBackOff")
        #expect(status.condition("Ready")?.isTrue == false)
    }

    @Test func theNextInitContainerWaitsForItsStartupProbe() throws {
        var life = try life("Always", probe: true)
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        life.end("i-0", code: 0, at: 1)
        #expect(try life.turn(at: 1) == [.start(name: "s", attempt: 0)])
        #expect(try life.turn(at: 2) == [])
        _ = try life.machine.record(.startup, of: "s", containerID: "s-0", answer: true)
        #expect(try life.turn(at: 3) == [.start(name: "j", attempt: 0)])
    }

    @Test func aPodIsReadyOnlyWithSomebodyElsesConditionsThatItWaitsFor() throws {
        let gates: JSON = [["conditionType": "example.com/lb"]]
        var life = try Life(["containers": [["name": "c"]], "readinessGates": gates])
        _ = try life.turn(at: 0)
        _ = try life.turn(at: 0)
        #expect(try life.status(at: 1).condition("Ready")?.reason == "ReadinessGatesNotReady")
        #expect(try life.status(at: 1).condition("ContainersReady")?.isTrue == true)
        life.machine.pod.status = PodStatus()
        life.machine.pod.status?.conditions = [Condition(type: "example.com/lb", status: "True")]
        #expect(try life.status(at: 1).condition("Ready")?.isTrue == true)
    }
}
