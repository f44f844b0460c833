import JSON
import Objects
import Simulation
import SolutionScheduler
import Testing

@testable import ControllerRules

/// The scheduler's view, and what part 11 makes of it.
@Suite struct ClusterViewTests {
    private func node(_ name: String, labels: [String: String] = [:], cpu: Int = 4000) -> Node {
        var node = Node(metadata: ObjectMeta(name: name))
        node.metadata.labels = labels.merging(["kubernetes.io/hostname": name]) { $1 }
        var status = NodeStatus()
        status.allocatable = [
            "cpu": Quantity(thousandths: cpu), "memory": Quantity(thousandths: 1000 << 30),
        ]
        status.conditions = [Condition(type: "Ready", status: "True")]
        node.status = status
        return node
    }

    private func pod(
        _ name: String, on node: String? = nil, labels: [String: String] = [:], _ spec: JSON = [:]
    ) throws -> Pod {
        var whole = spec
        if whole["containers"] == nil { whole["containers"] = [["name": "c"]] }
        var pod = Pod(
            metadata: ObjectMeta(name: name, namespace: "shop"), spec: try whole.decode())
        (pod.metadata.uid, pod.metadata.labels) = (name, labels)
        pod.spec.nodeName = node
        return pod
    }

    private func view(_ nodes: [Node], _ pods: [Pod] = []) -> ClusterView {
        var view = ClusterView()
        for node in nodes { view.put(node) }
        for pod in pods { view.put(pod) }
        return view
    }

    private func place(_ pod: Pod, _ view: ClusterView) throws -> String {
        let question = view.question(pod)
        let placement = try Scheduler().place(question.pod, nodes: question.nodes)
        return placement.node ?? placement.message
    }

    @Test("After any sequence of changes the view equals one that is built anew", arguments: 0..<60)
    func incremental(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var view = ClusterView()
        var (nodes, pods, assumed): ([String: Node], [String: Pod], [String: String]) = (
            [:], [:], [:]
        )
        for _ in 0..<300 {
            let name = "n\(dice.roll(0...4))"
            let uid = "p\(dice.roll(0...15))"
            switch dice.roll(0...9) {
            case 0:
                let new = node(
                    name, labels: ["zone": "z\(dice.roll(0...1))"], cpu: dice.roll(0...9) * 1000)
                nodes[name] = new
                view.put(new)
            case 1:
                nodes[name] = nil
                view.remove(node: name)
            case 2:
                (pods[uid], assumed[uid]) = (nil, nil)
                view.remove(pod: uid)
            case 3:
                if let pod = pods[uid], pod.placedOn == nil {
                    assumed[uid] = name
                    view.assume(pod, on: name)
                }
            case 4:
                if assumed.removeValue(forKey: uid) != nil { view.forget(uid) }
            default:
                let isBound = dice.chance(percent: 50)
                var new = try pod(
                    uid, on: isBound ? name : nil, labels: ["app": "a\(dice.roll(0...2))"],
                    spec(&dice))
                if dice.chance(percent: 10) {
                    new.status = PodStatus()
                    new.status?.phase = "Succeeded"
                }
                if isBound || new.isFinished { assumed[uid] = nil }
                // What a pod asks for doesn't change while it waits.
                if assumed[uid] != nil, let old = pods[uid] { new.spec = old.spec }
                pods[uid] = new
                view.put(new)
            }
        }
        var anew = ClusterView()
        for (_, pod) in pods { anew.put(pod) }
        for (uid, node) in assumed { if let pod = pods[uid] { anew.assume(pod, on: node) } }
        for (_, node) in nodes { anew.put(node) }
        let isSame = view == anew
        #expect(isSame, "seed \(seed)")
    }

    private func spec(_ dice: inout Dice) -> JSON {
        let amounts: [JSON] = ["100m", "2", "5P", "7"]
        var spec: JSON = [
            "containers": [
                [
                    "name": "c",
                    "resources": [
                        "requests": ["cpu": amounts[dice.roll(0...3)], "memory": "64Mi"]
                    ],
                ]
            ]
        ]
        if dice.chance(percent: 20) { spec["affinity"] = apart("a1") }
        return spec
    }

    private func apart(_ app: String) -> JSON {
        [
            "podAntiAffinity": [
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    [
                        "labelSelector": ["matchLabels": ["app": .string(app)]],
                        "topologyKey": "kubernetes.io/hostname",
                    ]
                ]
            ]
        ]
    }

    @Test func `requests beyond all measure are short everywhere, and end nothing`() throws {
        let huge = try pod(
            "huge",
            [
                "containers": [
                    ["name": "a", "resources": ["requests": ["cpu": "5P"]]],
                    ["name": "b", "resources": ["requests": ["cpu": "5P"]]],
                ]
            ])
        let on = (0..<200).map { number in
            var pod = huge
            (pod.metadata.uid, pod.spec.nodeName) = ("u\(number)", "n1")
            return pod
        }
        let said = try place(huge, view([node("n1"), node("n2")], on))
        #expect(said.contains("2 Insufficient cpu"), "\(said)")
    }

    @Test func `required node affinity: one of the terms, all of its requirements`() throws {
        func wish(_ expressions: JSON) throws -> Pod {
            try pod(
                "p",
                [
                    "affinity": [
                        "nodeAffinity": [
                            "requiredDuringSchedulingIgnoredDuringExecution": [
                                "nodeSelectorTerms": [["matchExpressions": expressions]]
                            ]
                        ]
                    ]
                ])
        }
        let nodes = view([
            node("n1", labels: ["disk": "hdd", "rank": "5"]),
            node("n2", labels: ["disk": "ssd", "rank": "9"]),
        ])
        let none = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector."
        for (key, word, values, answer) in [
            ("disk", "In", ["ssd"], "n2"), ("disk", "NotIn", ["ssd"], "n1"),
            ("disk", "DoesNotExist", [], none), ("rank", "Gt", ["6"], "n2"),
            ("rank", "Lt", ["6"], "n1"), ("rank", "Gt", ["9223372036854775808"], none),
            ("disk", "Bogus", ["ssd"], none),
        ] as [(String, String, [String], String)] {
            let expression: JSON = [
                "key": .string(key), "operator": .string(word),
                "values": .array(values.map { .string($0) }),
            ]
            #expect(try place(try wish([expression]), nodes) == answer, "\(key) \(word) \(values)")
        }
    }

    @Test func `preferred nodes weigh more than an emptier node`() throws {
        let wish = try pod(
            "p",
            [
                "affinity": [
                    "nodeAffinity": [
                        "preferredDuringSchedulingIgnoredDuringExecution": [
                            [
                                "weight": 1,
                                "preference": [
                                    "matchExpressions": [["key": "disk", "operator": "Exists"]]
                                ],
                            ]
                        ]
                    ]
                ]
            ])
        let nodes = view([node("n1", cpu: 8000), node("n2", labels: ["disk": "ssd"], cpu: 1000)])
        #expect(try place(wish, nodes) == "n2")
    }

    @Test func `pods that must be apart are, whichever of them says so`() throws {
        let nodes = [node("n1"), node("n2")]
        let picky = try pod("p", labels: ["app": "a"], ["affinity": apart("a")])
        let there = try pod("q", on: "n1", labels: ["app": "a"])
        #expect(try place(picky, view(nodes, [there])) == "n2")
        let both = try [there, pod("r", on: "n2", labels: ["app": "a"])]
        #expect(
            try place(picky, view(nodes, both))
                == "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.")
        var first = picky
        (first.metadata.uid, first.spec.nodeName) = ("first", "n1")
        let plain = try pod("s", labels: ["app": "a"])
        #expect(try place(plain, view(nodes, [first])) == "n2")
        #expect(
            try place(plain, view([nodes[0]], [first]))
                == "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules."
        )
    }

    @Test func `a pod goes where those are that it needs, and the first of a group needs none`()
        throws
    {
        func near(_ app: String) throws -> Pod {
            try pod(
                "p", labels: ["app": "a"],
                [
                    "affinity": [
                        "podAffinity": [
                            "requiredDuringSchedulingIgnoredDuringExecution": [
                                [
                                    "labelSelector": ["matchLabels": ["app": .string(app)]],
                                    "topologyKey": "zone",
                                ]
                            ]
                        ]
                    ]
                ])
        }
        let nodes = [
            node("n1", labels: ["zone": "east"]), node("n2", labels: ["zone": "west"]), node("n3"),
        ]
        let other = try pod("q", on: "n2", labels: ["app": "b"])
        #expect(try place(near("b"), view(nodes, [other])) == "n2")
        #expect(
            try place(near("b"), view(nodes))
                == "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.")
        #expect(try place(near("a"), view(nodes)) == "n1")
        #expect(try place(near("a"), view([nodes[2]])).contains("pod affinity rules"))
    }

    @Test func `a host port is one pod's at a time`() throws {
        func wants(_ name: String, on node: String? = nil, _ port: JSON) throws -> Pod {
            try pod(name, on: node, ["containers": [["name": "c", "ports": [port]]]])
        }
        let port: JSON = ["containerPort": 80, "hostPort": 18080]
        let there = try wants("q", on: "n1", port)
        #expect(try place(wants("p", port), view([node("n1"), node("n2")], [there])) == "n2")
        #expect(
            try place(wants("p", port), view([node("n1")], [there]))
                == "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."
        )
        var udp = port
        udp["protocol"] = "UDP"
        #expect(try place(wants("p", udp), view([node("n1")], [there])) == "n1")
        let local = try wants(
            "q", on: "n1", ["containerPort": 80, "hostPort": 18080, "hostIP": "10.0.0.1"])
        var elsewhere = port
        elsewhere["hostIP"] = "10.0.0.2"
        #expect(try place(wants("p", elsewhere), view([node("n1")], [local])) == "n1")
        #expect(try place(wants("p", port), view([node("n1")], [local])) != "n1")
    }

    @Test func `pods are spread over the values of a label, and a node without it takes none`()
        throws
    {
        let wish = try pod(
            "p", labels: ["app": "a"],
            [
                "topologySpreadConstraints": [
                    [
                        "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
                        "labelSelector": ["matchLabels": ["app": "a"]],
                    ]
                ]
            ])
        let nodes = [
            node("n1", labels: ["zone": "east"]), node("n2", labels: ["zone": "west"], cpu: 100),
            node("n3"),
        ]
        let one = try pod("q", on: "n1", labels: ["app": "a"])
        #expect(try place(wish, view(nodes, [one])) == "n2")
        let words = "node(s) didn't match pod topology spread constraints"
        #expect(
            try place(wish, view([nodes[2]]))
                == "0/1 nodes are available: 1 \(words) (missing required label).")
        var full = nodes[1]
        full.spec = NodeSpec()
        full.spec?.unschedulable = true
        #expect(
            try place(wish, view([nodes[0], full], [one]))
                == "0/2 nodes are available: 1 \(words), 1 node(s) were unschedulable.")
    }
}
