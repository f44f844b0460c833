import JSON
import Linux

/// A control plane of the built programs over a real etcd, on free ports of the loopback, with a stand-in
/// for kubelets: no container runs here, so that controllers can be watched alone.
final class Cluster {
    static let programs: String = {
        let here = #filePath.split(separator: "/Tests/")[0]
        return "\(here)/Sources/Cluster/.build/release"
    }()
    static let names = [
        "pki", "apiserver", "rollout", "selectors", "scheduler", "controllers", "jobs",
    ]
    static var isBuilt: Bool { names.allSatisfy { Files.exists("\(programs)/\($0)") } }

    let folder: String
    private let server: String
    private let store: String
    private var children: [Child] = []

    private static let started = Lock()
    nonisolated(unsafe) private static var count = 0  // guarded by `started`

    /// - Parameter flags: more arguments for the program `controllers`.
    init(controllers flags: [String] = []) throws {
        let number = Self.started.hold {
            Self.count += 1
            return Self.count
        }
        folder = "/tmp/drydock-control-plane-\(getpid())-\(number)"
        try Files.makeDirectories(folder, mode: 0o700)
        // Above the ports that the system gives out by itself, apart by process.
        let base = 61000 + (Int(getpid()) * 2 + number) % 1000 * 4
        server = "https://127.0.0.1:\(base)"
        let (client, peer) = ("http://127.0.0.1:\(base + 1)", "http://127.0.0.1:\(base + 2)")
        store = client
        _ = try capture(
            "\(Self.programs)/pki", ["pki", "init", "--dir", folder, "--server", server])
        try start(
            "etcd",
            [
                "--data-dir", "\(folder)/etcd", "--listen-client-urls", client,
                "--advertise-client-urls", client, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=\(peer)",
            ])
        try start(
            "apiserver",
            ["--store", client, "--pki", folder, "--listen", "127.0.0.1:\(base)"])
        let all = "\(folder)/kube-controller-manager.kubeconfig"
        try start("rollout", ["controller", "--kubeconfig", all])
        try start("selectors", ["controller", "--kubeconfig", all])
        try start("jobs", ["controller", "--kubeconfig", all])
        try start("controllers", ["--kubeconfig", all] + flags)
        try start("scheduler", ["--kubeconfig", "\(folder)/kube-scheduler.kubeconfig"])
        try until("the API server answers") { kubectl("get", "ns", "default").succeeded }
    }

    private func start(_ name: String, _ arguments: [String]) throws {
        let path = name == "etcd" ? "etcd" : "\(Self.programs)/\(name)"
        let log = try FileDescriptor.open(
            "\(folder)/\(name).log", O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        children.append(
            try Child.spawn(path, [name] + arguments, descriptors: [1: log.raw, 2: log.raw]))
    }

    /// Ends every program by SIGTERM.
    /// - Returns: whether all of them ended by themselves within three seconds.
    func stop() -> Bool {
        var inTime = true
        for child in children.reversed() {
            child.signal(SIGTERM)
            let end = Clock.monotonicMilliseconds() + 3000
            var ending: Child.Ending?
            while ending == nil, Clock.monotonicMilliseconds() < end {
                ending = (try? child.poll()) ?? nil
                usleep(5000)
            }
            if ending == nil {
                inTime = false
                child.signal(SIGKILL)
                _ = try? child.wait()
            }
        }
        try? Files.removeTree(folder)
        return inTime
    }

    struct Answer {
        let succeeded: Bool
        let text: String
        var json: JSON { (try? JSON(parsing: text)) ?? .null }
    }

    /// The stock kubectl.
    @discardableResult
    func kubectl(_ arguments: String..., input: String = "") -> Answer {
        let result = try? capture(
            "kubectl",
            [
                "kubectl", "--kubeconfig", "\(folder)/admin.kubeconfig", "--server", server,
                "--cache-dir", "\(folder)/cache",
            ] + arguments, input: Array(input.utf8))
        guard let result else { return Answer(succeeded: false, text: "kubectl did not start") }
        return Answer(
            succeeded: result.ending.succeeded,
            text: String(decoding: result.output + result.errors, as: UTF8.self))
    }

    /// Writes an object into the store past the API server, as an older version of it might have.
    func plant(_ key: String, _ object: JSON) throws {
        _ = try capture("etcdctl", ["etcdctl", "--endpoints", store, "put", key, object.text])
    }

    /// What a program has logged.
    func log(_ name: String) -> String {
        String(decoding: (try? Files.read("\(folder)/\(name).log")) ?? [], as: UTF8.self)
    }

    func items(_ kind: String) -> [JSON] {
        kubectl("get", kind, "-o", "json").json["items"]?.array ?? []
    }

    // MARK: The kubelets' stand-in

    func addNode(_ name: String) {
        kubectl(
            "create", "-f", "-",
            input: #"{"apiVersion":"v1","kind":"Node","metadata":{"name":"\#(name)"}}"#)
        let status = #"""
            {"status":{"allocatable":{"cpu":"2","memory":"4Gi","pods":"110"},
            "conditions":[{"type":"Ready","status":"True"}]}}
            """#
        kubectl("patch", "node", name, "--subresource=status", "--type=merge", "-p", status)
    }

    /// A kubelet's sign of life, as of now.
    func addLease(_ node: String) {
        let (ending, output, _) =
            (try? capture("date", ["date", "-u", "+%Y-%m-%dT%H:%M:%S.000000Z"]))
            ?? (Child.Ending(status: 1), [], [])
        guard ending.succeeded else { return }
        let now = String(decoding: output, as: UTF8.self).prefix { $0 != "\n" }
        let lease: JSON = [
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": ["name": .string(node), "namespace": "kube-node-lease"],
            "spec": [
                "holderIdentity": .string(node), "leaseDurationSeconds": 40,
                "renewTime": .string(String(now)),
            ],
        ]
        kubectl("apply", "-f", "-", input: lease.text)
    }

    /// Lets new pods become ready, unless their image says broken, and pods that are to go be gone.
    func playKubelets() {
        for pod in items("pods") where pod.at("spec", "nodeName") != nil {
            let name = pod.at("metadata", "name")?.string ?? ""
            if pod.at("metadata", "deletionTimestamp") != nil {
                kubectl("delete", "pod", name, "--grace-period=0", "--force", "--wait=false")
            } else if pod.at("status", "podIP") == nil {
                let image = pod.at("spec", "containers")?[0]?["image"]?.string ?? ""
                run(name, ready: !image.hasSuffix("broken"))
            }
        }
    }

    private var lastAddress = 1
    private func run(_ pod: String, ready: Bool) {
        lastAddress += 1
        let status: JSON = [
            "status": [
                "phase": "Running", "podIP": .string("10.244.1.\(lastAddress)"),
                "conditions": [["type": "Ready", "status": ready ? "True" : "False"]],
            ]
        ]
        kubectl(
            "patch", "pod", pod, "--subresource=status", "--type=strategic", "-p", status.text)
    }

    struct TookTooLong: Error, CustomStringConvertible { let description: String }

    /// Plays the kubelets until `condition` holds.
    func until(_ what: String, seconds: Int = 30, _ condition: () -> Bool) throws {
        let end = Clock.monotonicMilliseconds() + seconds * 1000
        while !condition() {
            guard Clock.monotonicMilliseconds() < end else { throw TookTooLong(description: what) }
            playKubelets()
            usleep(50_000)
        }
    }
}
