import JSON
import Objects
import PodRuntime
import Testing

@testable import PodWork

@Suite struct ContainerMakingTests {
    private var facts: ContainerFacts {
        var facts = ContainerFacts(nodeName: "node-1", hostIP: "10.88.0.11", podIP: "10.244.1.2")
        facts.configMaps = ["cm": ["greeting": Array("hello".utf8)]]
        return facts
    }
    private let pod: Pod = {
        var pod = Pod(metadata: ObjectMeta(name: "web", namespace: "default"))
        pod.metadata.labels = ["app": "web"]
        return pod
    }()

    private func container(_ tree: JSON) throws -> Container { try tree.decode() }

    @Test func theEnvironmentTakesFieldsAndKeysAndEarlierVariables() throws {
        let container = try container([
            "name": "c",
            "env": [
                ["name": "A", "value": "1"], ["name": "B", "value": "$(A)2$$(A)$(NONE)"],
                ["name": "IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]],
                [
                    "name": "APP",
                    "valueFrom": ["fieldRef": ["fieldPath": "metadata.labels['app']"]],
                ],
                [
                    "name": "G",
                    "valueFrom": ["configMapKeyRef": ["name": "cm", "key": "greeting"]],
                ],
            ],
        ])
        let made = try environment(
            of: container, in: pod, image: ["A=0", "PATH=/bin"], facts: facts)
        #expect(
            made == [
                "PATH=/bin", "HOSTNAME=web", "A=1", "B=12$(A)$(NONE)", "IP=10.244.1.2", "APP=web",
                "G=hello",
            ])
    }

    @Test func wholeMapsComeBeforeSingleVariablesAndBadKeysAreLeftOut() throws {
        var facts = facts
        facts.configMaps["all"] = ["B": "2", "A": "1", "1st": "no", "a b": "no"].mapValues {
            Array($0.utf8)
        }
        facts.secrets["s"] = ["A": Array("secret".utf8)]
        let container = try container([
            "name": "c",
            "envFrom": [
                ["configMapRef": ["name": "all"]], ["prefix": "S_", "secretRef": ["name": "s"]],
                ["configMapRef": ["name": "none", "optional": true]],
            ],
            "env": [["name": "B", "value": "$(A)+$(S_A)"]],
        ])
        let made = try environment(of: container, in: pod, image: ["PATH=/bin"], facts: facts)
        #expect(made == ["PATH=/bin", "HOSTNAME=web", "A=1", "B=1+secret", "S_A=secret"])
        facts.secrets = [:]
        #expect(throws: ConfigError("secret \"s\" not found")) {
            try environment(of: container, in: pod, image: [], facts: facts)
        }
    }

    @Test func aMissingConfigMapIsNamed() throws {
        let container = try container([
            "name": "c",
            "env": [
                ["name": "X", "valueFrom": ["configMapKeyRef": ["name": "nope", "key": "k"]]]
            ],
        ])
        #expect(throws: ConfigError("configmap \"nope\" not found")) {
            try environment(of: container, in: pod, image: [], facts: facts)
        }
    }

    @Test func aCommandReplacesTheImagesEntrypointAndArgumentsAndArgsOnlyTheArguments() throws {
        let image = ImageStatus(
            id: "i", layers: [], entrypoint: ["/web"], command: ["--port", "80"])
        func line(_ tree: JSON) throws -> [String] {
            commandLine(try container(tree), image: image, ["P=90"])
        }
        #expect(try line(["name": "c"]) == ["/web", "--port", "80"])
        #expect(try line(["name": "c", "args": ["--port", "$(P)"]]) == ["/web", "--port", "90"])
        #expect(try line(["name": "c", "command": ["/sh"]]) == ["/sh"])
        #expect(try line(["name": "c", "command": ["/sh"], "args": ["-c"]]) == ["/sh", "-c"])
    }

    @Test func quantitiesBecomeTheKernelsNumbers() throws {
        let container = try container([
            "name": "c",
            "resources": [
                "requests": ["cpu": "250m", "memory": "64Mi"],
                "limits": ["cpu": "500m", "memory": "128Mi"],
            ],
        ])
        let made = linuxResources(container, qos: "Burstable", nodeMemoryBytes: 1 << 30)
        #expect(made.cpuShares == 256)
        #expect(made.cpuQuota == 50_000)
        #expect(made.cpuPeriod == 100_000)
        #expect(made.memoryLimitBytes == 128 << 20)
        // 1000 - 1000 * 64Mi / 1Gi
        #expect(made.oomScoreAdjustment == 938)
    }

    @Test(arguments: [
        ("{}", "BestEffort"),
        (#"{"requests":{"cpu":"1"}}"#, "Burstable"),
        (#"{"limits":{"cpu":"1","memory":"1Gi"}}"#, "Guaranteed"),
        (#"{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}}"#, "Burstable"),
    ])
    func theClassFollowsFromRequestsAndLimits(_ resources: String, _ expected: String) throws {
        var spec = PodSpec()
        let tree: JSON = ["name": "c", "resources": try JSON(parsing: Array(resources.utf8))]
        spec.containers = [try container(tree)]
        #expect(qosClass(spec) == expected)
    }

    @Test func aLogIsReadByLinesHoweverManyPiecesTheyCameIn() {
        let log = Array(
            """
            2026-01-01T00:00:00.000000001Z stdout F one
            2026-01-01T00:00:01.000000001Z stderr P tw
            2026-01-01T00:00:01.000000002Z stderr F o
            2026-01-01T00:00:02.000000001Z stdout F three

            """.utf8)
        func select(_ change: (inout LogSelection) -> Void) -> String {
            var selection = LogSelection()
            change(&selection)
            return String(decoding: selection.select(log), as: UTF8.self)
        }
        #expect(select { _ in } == "one\ntwo\nthree\n")
        #expect(select { $0.tailLines = 2 } == "two\nthree\n")
        #expect(select { $0.tailLines = 0 } == "")
        #expect(select { $0.limitBytes = 5 } == "one\nt")
        #expect(select { $0.since = Timestamp("2026-01-01T00:00:02Z") } == "three\n")
        #expect(
            select {
                $0.hasTimestamps = true
                $0.tailLines = 1
            } == "2026-01-01T00:00:02.000000001Z three\n")
    }

    @Test func aRateIsCountedFromASampleAtLeastASecondOld() {
        func reading(_ second: Int, cpuMilliseconds: Int) -> ContainerStats {
            ContainerStats(
                at: second * 1_000_000_000, cpuNanoseconds: cpuMilliseconds * 1_000_000,
                memoryUsageBytes: 0, memoryWorkingSetBytes: 0)
        }
        var rate = UsageRate()
        let start = 8 * 1_000_000_000
        #expect(rate.nanoCores(reading(10, cpuMilliseconds: 1000), startedAt: start) == 500_000_000)
        rate.sample(reading(10, cpuMilliseconds: 2000))
        rate.sample(reading(15, cpuMilliseconds: 4500))
        #expect(rate.nanoCores(reading(15, cpuMilliseconds: 4500), startedAt: start) == 500_000_000)
        #expect(rate.nanoCores(reading(17, cpuMilliseconds: 4900), startedAt: start) == 200_000_000)
    }

    /// `cpu: 9P` and its like are ordinary quantities to the API server.
    @Test(arguments: [Int.min, -1, 0, 1, Int.max - 999])
    func noAmountIsTooMuchForTheKernelsUnits(_ thousandths: Int) throws {
        var container = try container(["name": "c"])
        container.resources = ResourceRequirements()
        let amount = Quantity(thousandths: thousandths)
        container.resources?.requests = ["cpu": amount, "memory": amount]
        container.resources?.limits = ["cpu": amount, "memory": amount]
        let made = linuxResources(container, qos: "Burstable", nodeMemoryBytes: 1 << 30)
        #expect((2...262_144).contains(made.cpuShares ?? 0))
        #expect((3...999).contains(made.oomScoreAdjustment ?? 0))
    }

    @Test func bytesThatAreNoTextAreNoVariable() throws {
        var facts = facts
        facts.secrets["s"] = ["k": [0xFF]]
        let key: JSON = ["secretKeyRef": ["name": "s", "key": "k"]]
        let container = try container(["name": "c", "env": [["name": "K", "valueFrom": key]]])
        #expect(throws: ConfigError.self) {
            try environment(of: container, in: pod, image: [], facts: facts)
        }
    }

    @Test func aPathOfVariablesNeedsThemAll() throws {
        #expect(try expandPath("$(A)/$(B)", ["A=1", "B=2"]) == "1/2")
        #expect(throws: ConfigError.self) { try expandPath("$(A)/$(C)", ["A=1"]) }
    }

    @Test(arguments: [Int.min, -1, 0, 1, Int.max])
    func noNumberInALogRequestIsTooMuch(_ number: Int) {
        var selection = LogSelection()
        (selection.tailLines, selection.limitBytes) = (number, number)
        let line = Array("2026-01-01T00:00:00.000000000Z stdout F x\n".utf8)
        #expect(selection.select(line).count == min(2, max(0, number)))
    }
}
