import ContractAutoscaler
import ContractRollout
import ControllerRules
import JSON
import Objects
import SolutionAutoscaler
import SolutionRollout
import Testing

private func read<Value: Decodable>(_ tree: JSON) throws -> Value { try tree.decode() }

/// What a user wrote, on its way to a part: no number of it may end a program.
@Suite struct FactsTests {
    private func set(_ revision: String, replicas: Int = 1, desired: Int = 1) -> ReplicaSet {
        var set = ReplicaSet(metadata: ObjectMeta(name: "web-\(revision)"))
        set.metadata.labels = ["pod-template-hash": revision]
        set.metadata.annotations = [
            "deployment.kubernetes.io/revision": revision,
            "deployment.kubernetes.io/desired-replicas": "\(desired)",
        ]
        set.spec.replicas = replicas
        return set
    }

    private func plan(_ spec: JSON, _ sets: [ReplicaSet]) throws -> RolloutPlan {
        var spec = spec
        (spec["selector"], spec["template"]) = ([:], ["spec": [:]])
        let deployment: Deployment = try read(["metadata": ["name": "web"], "spec": spec])
        let facts = try DeploymentFacts(deployment, templateHash: "new")
        return try Rollout().plan(
            DeploymentView(deployment: facts, sets: sets.map(RevisionFacts.init), now: 1000))
    }

    @Test(
        "A revision that no controller wrote is none, and the next one is counted from the others",
        arguments: [
            "9223372036854775807", "-9223372036854775808", "-1", "99999999999999999999", "x",
        ])
    func revisions(annotation: String) throws {
        let plan = try plan(["replicas": 1], [set(annotation), set("4")])
        #expect(plan.create?.revision == 5)
    }

    @Test(
        "Bounds and numbers at their extremes end nothing",
        arguments: [
            "9223372036854775807%", "2147483647%", "-9223372036854775808%", "0%", "2147483647",
            "9223372036854775807", "-1",
        ])
    func surge(bound: String) throws {
        for replicas in [0, 1, 2_147_483_647] {
            let spec: JSON = [
                "replicas": JSON(replicas), "progressDeadlineSeconds": 2_147_483_647,
                "strategy": [
                    "type": "RollingUpdate",
                    "rollingUpdate": [
                        "maxSurge": .string(bound), "maxUnavailable": .string(bound),
                    ],
                ],
            ]
            for desired in [1, 2_147_483_647, Int.max, Int.min] {
                _ = try plan(
                    spec,
                    [
                        set("1", replicas: 2_147_483_647, desired: desired),
                        set("2", replicas: 2_147_483_647, desired: desired),
                    ])
            }
        }
    }

    // MARK: autoscalers

    private func metrics(_ list: String) throws -> [MetricSpec] {
        try JSON(parsing: list).decode()
    }

    private func view(_ specs: [MetricSpec], usage: String, request: String) throws
        -> AutoscalerView
    {
        let pods: [Pod] = try (0..<3).map { number in
            var pod: Pod = try read([
                "metadata": ["name": .string("p\(number)")],
                "spec": [
                    "containers": [
                        ["name": "c", "resources": ["requests": ["cpu": .string(request)]]]
                    ]
                ],
                "status": [
                    "phase": "Running", "conditions": [["type": "Ready", "status": "True"]],
                ],
            ])
            pod.metadata.uid = "u\(number)"
            return pod
        }
        let measured: [PodMetrics] = try pods.map { pod in
            try read([
                "metadata": ["name": .string(pod.metadata.name)],
                "timestamp": "2026-01-01T00:00:00Z",
                "window": "15s", "containers": [["name": "c", "usage": ["cpu": .string(usage)]]],
            ])
        }
        let byName = Dictionary(uniqueKeysWithValues: measured.map { ($0.metadata.name, $0) })
        return AutoscalerView(
            maxReplicas: 9, current: 3,
            metrics: specs.map { MetricFacts($0, pods: pods, measured: byName) },
            down: .init(windowSeconds: 0, policies: [.init(.percent, 100, periodSeconds: 15)]),
            now: 1000)
    }

    private static let cpu = """
        {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}
        """

    @Test(
        "With a metric that nobody can read among them an autoscaler grows and does not shrink",
        arguments: [
            #"{"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"AverageValue","averageValue":"10"}}}"#,
            #"{"type":"Pods","pods":{"metric":{"name":"hits"},"target":{"type":"AverageValue","averageValue":"10"}}}"#,
            #"{"type":"Resource","resource":{"name":"cpu","target":{"type":"Value","value":"3"}}}"#,
            #"{"type":"ContainerResource","containerResource":{"name":"cpu","container":"c","target":{"type":"Utilization","averageUtilization":3}}}"#,
        ])
    func unknown(metric: String) throws {
        for list in ["[\(Self.cpu),\(metric)]", "[\(metric),\(Self.cpu)]"] {
            let part = Autoscaler()
            let idle = try view(try metrics(list), usage: "1m", request: "100m")
            #expect(try part.plan(idle).replicas == 3)
            let busy = try view(try metrics(list), usage: "100m", request: "100m")
            #expect(try part.plan(busy).replicas == 6)
        }
        let alone = try view(try metrics("[\(Self.cpu)]"), usage: "1m", request: "100m")
        #expect(try Autoscaler().plan(alone).replicas == 1)
    }

    @Test(
        "Targets, requests and policies at their extremes end nothing",
        arguments: [0, 1, 2_147_483_647, Int.max, Int.min])
    func autoscalerNumbers(number: Int) throws {
        let metric = """
            [{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":\(number)}}}]
            """
        var view = try view(try metrics(metric), usage: "4", request: "1m")
        let rules: Objects.ScalingRules = try read([
            "stabilizationWindowSeconds": JSON(number),
            "policies": [
                ["type": "Percent", "value": JSON(number), "periodSeconds": JSON(number)],
                ["type": "Pods", "value": JSON(number), "periodSeconds": JSON(number)],
            ],
        ])
        view.up = .init(rules, defaults: .defaultUp)
        view.down = .init(rules, defaults: .defaultDown)
        view.maxReplicas = bounded(number)
        view.current = 2_147_483_647
        _ = try Autoscaler().plan(view)
        view.current = 3
        _ = try Autoscaler().plan(view)
    }

    // MARK: claims

    @Test
    func `an owner takes what its selector selects and nobody controls, in one direction only`() {
        var owner = ObjectMeta(name: "web", namespace: "shop")
        owner.uid = "d"
        func object(_ name: String, app: String, controller: String?) -> ObjectMeta {
            var meta = ObjectMeta(name: name, namespace: "shop")
            meta.labels = ["app": app]
            meta.ownerReferences = controller.map {
                [
                    .init(
                        apiVersion: "apps/v1", kind: "Deployment", name: $0, uid: $0,
                        controller: true)
                ]
            }
            return meta
        }
        var dying = object("dying", app: "web", controller: nil)
        dying.deletionTimestamp = Timestamp(seconds: 1)
        let all = [
            object("mine", app: "web", controller: "d"),
            object("stray", app: "db", controller: "d"),
            object("orphan", app: "web", controller: nil),
            object("other", app: "db", controller: nil),
            object("foreign", app: "web", controller: "e"), dying,
        ]
        let selector = LabelSelector(matchLabels: ["app": "web"])
        var claims = Claims(owner, selector, candidates: all)
        #expect(
            claims.mine == ["mine"] && claims.adopt == ["orphan"] && claims.release == ["stray"])
        owner.deletionTimestamp = Timestamp(seconds: 1)
        claims = Claims(owner, selector, candidates: all)
        #expect(claims.mine == ["mine", "stray"] && claims.adopt.isEmpty && claims.release.isEmpty)
    }
}
