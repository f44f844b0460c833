import JSON
import Launcher
import Linux
import Tour

extension ClusterTest {
    /// `--store URL`: the cluster's objects are in somebody's etcd on the host's loopback, and no forwarder outlives
    /// the dock.
    func onStoreOfTheHost() throws {
        let etcd = try HostEtcd()
        defer { etcd.end() }
        var wishes = Up.Wishes()
        (wishes.nodes, wishes.store) = (1, .external(etcd.url))
        try withCluster(wishes) {
            let stage = try Stage(layout, terminal)
            try stage.kubectl("run", "lone", "--image=drydock/web:v1")
            try stage.kubectl("wait", "--for=condition=Ready", "pod/lone", "--timeout=60s")
            let keys = try etcd.keys()
            for key in ["/registry/pods/default/lone", "/registry/nodes/node-1"] {
                try stage.expect(
                    keys.contains(key),
                    "\(key) is not among the \(keys.count) keys in the host's etcd")
            }
            let forwarders = {
                try Processes(state: layout.state).all.filter {
                    $0.component.hasPrefix("forward-")
                }
            }
            let forwards = try forwarders().map(\.component)
            try stage.expect(forwards.count == 1, "these forward: \(forwards)")
            guard let dock = try RunningDock.find(layout) else {
                throw LauncherError("the dock is gone")
            }
            kill(dock.pid, SIGKILL)
            _ = try stage.wait("the end of the forwarder", seconds: 10) {
                try forwarders().isEmpty ? true : nil
            }
            try stage.expect(
                try etcd.keys().contains("/registry/pods/default/lone"),
                "the host's etcd lost the pod with the dock")
        }
    }
}

/// Debian's etcd on a free port of the host's loopback, with a directory of its own.
private final class HostEtcd {
    let url: String
    private let child: Child
    private let folder: String

    init() throws {
        let folder = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-etcd-")
        self.folder = folder
        let (client, peer) = (try Self.freePort(from: 24_300), try Self.freePort(from: 24_500))
        let url = "http://127.0.0.1:\(client)"
        self.url = url
        let log = try FileDescriptor.open("\(folder)/log", O_WRONLY | O_CREAT, mode: 0o600)
        let peers = "http://127.0.0.1:\(peer)"
        child = try Child.spawn(
            which("etcd") ?? "etcd",
            [
                "etcd", "--data-dir", "\(folder)/data", "--listen-client-urls", url,
                "--advertise-client-urls", url, "--listen-peer-urls", peers,
                "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=\(peers)",
            ], descriptors: [1: log.raw, 2: log.raw])
        let probe = StoreProbe(url: url)
        let serves = eventually(within: 20_000, every: 100) { (try? probe.check()) != nil }
        guard serves else {
            end()
            throw LauncherError("etcd does not serve on \(url)")
        }
    }

    /// A socket that is bound and closed again says which port is free.
    private static func freePort(from first: Int) throws -> Int {
        try HostSocket.bind(preferring: first).port
    }

    /// All keys, as Debian's own client shows them.
    func keys() throws -> Set<String> {
        setenv("ETCDCTL_API", "3", 1)
        let words = ["etcdctl", "--endpoints", url, "get", "/registry", "--prefix", "--keys-only"]
        let result = try capture("etcdctl", words)
        guard result.ending.succeeded else {
            throw LauncherError("etcdctl: " + String(decoding: result.errors, as: UTF8.self))
        }
        let text = String(decoding: result.output, as: UTF8.self)
        return Set(text.split(separator: "\n").map(String.init))
    }

    func end() {
        child.signal(SIGKILL)
        _ = try? child.wait()
        try? Files.removeTree(folder)
    }
}
