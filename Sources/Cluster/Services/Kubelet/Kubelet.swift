import Client
import Linux
import Logging
import Objects
import PodRuntime

/// A node's agent: runs the pods that are bound to its node and says how they are.
public struct Kubelet: Sendable {
    private let services: KubeletServices
    private let network: PodNetwork
    private let manager: PodManager

    public init(services: KubeletServices) {
        self.services = services
        network = PodNetwork(block: services.configuration.podCIDR)
        manager = PodManager(services: services)
    }

    /// Until cancelled; the containers run on.
    public func run() async throws {
        let configuration = services.configuration
        // The watch comes first: a container that ends while others are looked at must not be
        // missed.
        let ended = try ExitWatch.ended(in: "\(configuration.state)/exits")
        try await blocking { [network] in
            try network.prepareNode()
            if let root = configuration.cgroupRoot { try NodeFacts.boundPods(below: root) }
        }
        try await manager.adopt()
        if let directory = configuration.manifests {
            for pod in try StaticPods.read(directory, nodeName: configuration.nodeName) {
                await manager.put(pod)
            }
        }
        // The first of these that fails ends the others and the kubelet: its supervisor starts it anew, and a kubelet
        // without its server, say, would look well and answer nobody.
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await manager.run() }
            group.addTask { for await id in ended { await manager.containerEnded(id) } }
            if let client = services.client {
                group.addTask { try await follow(client) }
                group.addTask { try await NodeReporter(services: services, client: client).run() }
                group.addTask { try await services.recorder?.run() }
            }
            if let pki = configuration.pki {
                let usage = UsageSampler(services: services, manager: manager)
                let server = try KubeletServer(
                    services: services, manager: manager, usage: usage, pki: pki)
                group.addTask { try await usage.run() }
                group.addTask { try await server.run() }
            }
        }
    }

    /// Pods of this node, and the other nodes' routes.
    private func follow(_ client: APIClient) async throws {
        let name = services.configuration.nodeName
        let pods = Informer<Pod>(
            client: client, type: Pod.self, fieldSelector: "spec.nodeName=\(name)",
            logger: services.logger)
        await pods.onChange { await manager.apply($0) }
        let nodes = Informer<Node>(client: client, type: Node.self, logger: services.logger)
        let routes = Routes(network: network, own: name, logger: services.logger)
        await nodes.onChange { await routes.apply($0) }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await pods.run() }
            group.addTask { try await nodes.run() }
            if let cluster = services.cluster { group.addTask { try await cluster.run() } }
            group.addTask {
                await pods.waitUntilSynced()
                if await pods.synced { await manager.removeLeftovers() }
            }
        }
    }
}

/// host-gw: a route to each other node's pod block through that node's own address.
actor Routes {
    private let network: PodNetwork
    private let own: String
    private let logger: Logger
    private var wanted: [String: (block: String, gateway: String)] = [:]
    private var installed: [String: String] = [:]

    init(network: PodNetwork, own: String, logger: Logger) {
        (self.network, self.own, self.logger) = (network, own, logger)
    }

    func apply(_ change: CacheChange<Node>) async {
        let node = change.object
        guard node.metadata.name != own else { return }
        if case .deleted = change {
            wanted[node.metadata.name] = nil
        } else if let block = node.spec?.podCIDR, let gateway = node.internalIP {
            wanted[node.metadata.name] = (block, gateway)
        }
        await install()
    }

    private func install() async {
        let routes = Dictionary(
            wanted.values.map { ($0.block, $0.gateway) }, uniquingKeysWith: { first, _ in first })
        let old = installed
        guard routes != old else { return }
        do {
            try await blocking { [network] in try network.setRoutes(routes, replacing: old) }
            installed = routes
        } catch { logger.error("routes: \(error)") }
    }
}
