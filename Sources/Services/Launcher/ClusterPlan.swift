import Dock
import Linux

/// What a cluster is made of: from the user's wishes to the list of programs with their arguments.
public struct ClusterPlan: Sendable {
    let wishes: Up.Wishes
    /// Whether containers get cgroups of their own.
    let cgroups: Bool
    /// The host's listening socket for the API server, as a descriptor that the dock inherits.
    let listenDescriptor: Int32

    public enum Store: Hashable, Sendable, Codable {
        /// Three members of the kit's own.
        case raft
        /// Debian's etcd, one member, in the dock.
        case etcd
        /// Somebody else's, on the host's loopback: `http://127.0.0.1:2379`.
        case external(String)
    }

    /// The number under which the dock inherits the launcher's leash.
    static let leashDescriptor: Int32 = 11
    static let clientPorts = [2379, 2389, 2399]
    /// Where the members of the kit's own store listen for clients, inside the dock.
    package static let storeClients = clientPorts.map { "\(DockSpec.gateway):\($0)" }.joined(
        separator: ",")

    public func spec(_ layout: Layout, tag: String) throws -> DockSpec {
        let parts =
            wishes.mine.map { "DRYDOCK_PART_\($0)=\(layout.program("part-\($0)"))" }
            + wishes.piped.map { "DRYDOCK_PART_\($0)=\(layout.program("reference-\($0)"))" }
        var spec = DockSpec(
            state: layout.state, tag: tag,
            nodes: (1...wishes.nodes).map { node($0, layout) },
            components: storeComponents(layout) + [apiserver(layout)] + controllers(layout),
            forward: hostPort.map { HostForward(port: $0) })
        spec.leash = Self.leashDescriptor
        spec.isHostRoot = wishes.isHostRoot
        // Another runtime may lie anywhere; the system's own folders are there in any case.
        let runtime = wishes.runtime.map { [$0] } ?? []
        spec.programs =
            try ProgramFolders.of(layout) + SwiftLibraries.folders()
            + runtime.filter { !$0.starts(with: "/usr/") }
        for index in spec.components.indices { spec.components[index].environment += parts }
        for node in spec.nodes.indices {
            for index in spec.nodes[node].components.indices {
                spec.nodes[node].components[index].environment += parts
            }
        }
        return spec
    }

    private func storeComponents(_ layout: Layout) -> [DockSpec.Component] {
        let gateway = DockSpec.gateway
        switch wishes.store {
        case .raft:
            let cluster = (1...3).map {
                let port = Self.clientPorts[$0 - 1]
                return "\($0)=\(gateway):\(port + 1)=https://\(gateway):\(port)"
            }
            return (1...3).map { id in
                let port = Self.clientPorts[id - 1]
                return DockSpec.Component(
                    name: "raft-\(id)",
                    command: [
                        layout.clusterProgram("raft"), "serve", "--id", "\(id)",
                        "--data", "\(layout.state)/store/\(id)",
                        "--client", "\(gateway):\(port)", "--peer", "\(gateway):\(port + 1)",
                        "--cluster", cluster.joined(separator: ","), "--pki", layout.pki,
                    ])
            }
        case .etcd: return [etcd(layout)]
        case .external: return []
        }
    }

    /// Debian's, with the same certificates as the kit's own. Its HTTP gateway would dial etcd itself with a certificate
    /// that is a server's alone.
    private func etcd(_ layout: Layout) -> DockSpec.Component {
        let (client, peer) = (
            "https://\(DockSpec.gateway):2379", "https://\(DockSpec.gateway):2380"
        )
        func file(_ name: String) -> String { "\(layout.pki)/store/\(name)" }
        return DockSpec.Component(
            name: "etcd",
            command: [
                which("etcd") ?? "/usr/bin/etcd", "--data-dir", "\(layout.state)/store/etcd",
                "--listen-client-urls", client, "--advertise-client-urls", client,
                "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                "--initial-cluster", "default=\(peer)", "--enable-grpc-gateway=false",
                "--client-cert-auth", "--trusted-ca-file", file("ca.crt"),
                "--cert-file", file("server.crt"), "--key-file", file("server.key"),
                "--peer-client-cert-auth", "--peer-trusted-ca-file", file("peer-ca.crt"),
                "--peer-cert-file", file("peer.crt"), "--peer-key-file", file("peer.key"),
            ])
    }

    private var storeEndpoints: String {
        switch wishes.store {
        case .raft:
            Self.clientPorts.map { "https://\(DockSpec.gateway):\($0)" }.joined(separator: ",")
        case .etcd: "https://\(DockSpec.gateway):2379"
        // The host's loopback is reached through the dock's own, under the same port: no pod gets there.
        case .external(let url): hostPort.map { "http://127.0.0.1:\($0)" } ?? url
        }
    }

    /// The port of an external store.
    private var hostPort: UInt16? {
        guard case .external(let url) = wishes.store else { return nil }
        return UInt16(url.split(separator: ":").last ?? "")
    }

    private func apiserver(_ layout: Layout) -> DockSpec.Component {
        DockSpec.Component(
            name: "apiserver",
            command: [
                layout.clusterProgram("apiserver"), "--store", storeEndpoints,
                "--pki", layout.pki, "--listen", "\(DockSpec.gateway):6443",
                "--listen-fd", "\(listenDescriptor)", "--service-cidr", "10.96.0.0/16",
            ],
            descriptors: [listenDescriptor])
    }

    private func controllers(_ layout: Layout) -> [DockSpec.Component] {
        let manager = ["--kubeconfig", "\(layout.pki)/kube-controller-manager.kubeconfig"]
        func component(_ name: String, _ words: [String]) -> DockSpec.Component {
            DockSpec.Component(name: name, command: [layout.clusterProgram(name)] + words)
        }
        return [
            component("scheduler", ["--kubeconfig", "\(layout.pki)/kube-scheduler.kubeconfig"]),
            component("selectors", ["controller"] + manager),
            component("rollout", ["controller"] + manager),
            component(
                "hpa",
                ["controller"] + manager + [
                    "--sync-period-seconds", "\(wishes.autoscalerPeriodSeconds)",
                ]),
            component("jobs", ["controller"] + manager),
            component("controllers", manager),
        ]
    }

    private func node(_ number: Int, _ layout: Layout) -> DockSpec.Node {
        let name = "node-\(number)"
        let address = "10.88.0.\(10 + number)"
        let kubelet = DockSpec.Component(
            name: "kubelet-\(number)",
            command: [
                layout.clusterProgram("kubelet"),
                "--kubeconfig", "\(layout.pki)/\(name).kubeconfig",
                "--node-name", name, "--node-ip", address,
                "--pod-cidr", "10.244.\(number).0/24",
                "--state", "\(layout.state)/nodes/\(name)",
                "--images", "\(layout.state)/images", "--layers", "\(layout.state)/layers",
                "--cgroup-root", cgroups ? "/\(name)" : "none",
                "--runtime", wishes.runtime ?? layout.program("runtime"),
                "--overlay", layout.program("overlay"), "--shim", layout.program("shim"),
                "--pki", layout.pki,
            ])
        let proxy = DockSpec.Component(
            name: "proxy-\(number)",
            command: [
                layout.clusterProgram("dnat"), "proxy",
                "--kubeconfig", "\(layout.pki)/kube-proxy.kubeconfig",
                "--node-name", name, "--pod-cidr", "10.244.0.0/16",
            ])
        let keys = [
            "ca.crt", "\(name).crt", "\(name).key", "\(name).kubeconfig", "kube-proxy.kubeconfig",
        ]
        return DockSpec.Node(
            name: name, address: address, podCIDR: "10.244.\(number).0/24",
            components: [kubelet, proxy],
            writable: ["nodes/\(name)", "layers", "logs"].map { "\(layout.state)/\($0)" },
            readable: ["\(layout.state)/images"] + keys.map { "\(layout.pki)/\($0)" })
    }
}
