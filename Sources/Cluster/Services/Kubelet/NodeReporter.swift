import Client
import JSON
import Linux
import Objects
import PodWork

/// Registers the node and keeps saying that it lives: a Lease every few seconds, the whole status
/// every minute.
struct NodeReporter: Sendable {
    let services: KubeletServices
    let client: APIClient
    private let time = MachineTime()

    init(services: KubeletServices, client: APIClient) {
        (self.services, self.client) = (services, client)
    }

    private var configuration: KubeletConfiguration { services.configuration }

    /// Until cancelled. A server that can't be reached is told of once and waited for.
    func run() async throws {
        var isRegistered = false
        var hasComplained = false
        var round = 0
        while true {
            do {
                if !isRegistered { try await register() }
                isRegistered = true
                if round % 12 == 0 { try await reportStatus() }
                try await renewLease()
                if hasComplained { services.logger.info("the API server is back") }
                hasComplained = false
                round += 1
                try await Task.sleep(for: .milliseconds(configuration.leaseSeconds * 250))
            } catch {
                try Task.checkCancellation()
                // Somebody deleted the Node, or the server lost it: register again.
                if (error as? APIError)?.isNotFound == true { (isRegistered, round) = (false, 0) }
                if !hasComplained {
                    services.logger.warning("node \(configuration.nodeName): \(error)")
                }
                hasComplained = true
                try await Task.sleep(for: .milliseconds(300))
            }
        }
    }

    private func register() async throws {
        var node = Node(metadata: ObjectMeta(name: configuration.nodeName))
        node.metadata.labels = [
            "kubernetes.io/hostname": configuration.nodeName, "kubernetes.io/os": "linux",
            "kubernetes.io/arch": NodeFacts.architecture,
            "beta.kubernetes.io/os": "linux", "beta.kubernetes.io/arch": NodeFacts.architecture,
        ]
        var spec = NodeSpec()
        spec.podCIDR = configuration.podCIDR.description
        spec.podCIDRs = [configuration.podCIDR.description]
        node.spec = spec
        node.status = status(last: nil)
        do {
            _ = try await client.create(node)
            services.logger.info("registered as node \(configuration.nodeName)")
        } catch let error as APIError where error.isAlreadyExists {}
    }

    private func reportStatus() async throws {
        let node = try await client.get(Node.self, namespace: nil, name: configuration.nodeName)
        let status = try JSON(encoding: status(last: node.status))
        _ = try await client.patch(
            Node.self, namespace: nil, name: configuration.nodeName, subresource: "status",
            ["status": status])
    }

    func status(last: NodeStatus?) -> NodeStatus {
        var status = NodeStatus()
        let amounts: [String: Quantity] = [
            "cpu": Quantity(thousandths: NodeFacts.cpus * 1000),
            "memory": Quantity(thousandths: NodeFacts.memoryBytes * 1000),
            "pods": Quantity(thousandths: 110_000),
        ]
        status.capacity = amounts
        status.allocatable = amounts
        status.addresses = [
            .init(type: "InternalIP", address: configuration.nodeIP),
            .init(type: "Hostname", address: configuration.nodeName),
        ]
        status.daemonEndpoints = .init(kubeletEndpoint: .init(Port: configuration.port))
        status.nodeInfo = NodeFacts.info(runtime: "drydock://0.1")
        status.conditions = conditions(last: last?.conditions ?? [])
        return status
    }

    private func conditions(last: [Condition]) -> [Condition] {
        let pressure = NodePressure(stateDirectory: configuration.state)
        let made = (pressure.conditions + [
            ("Ready", "True", "KubeletReady", "kubelet is posting ready status")
        ]).map { type, state, reason, message in
            var condition = Condition(type: type, status: state, reason: reason, message: message)
            let before = last.first { $0.type == type }
            condition.lastHeartbeatTime = time.now
            condition.lastTransitionTime =
                before?.status == state ? before?.lastTransitionTime ?? time.now : time.now
            return condition
        }
        return made + last.filter { other in !made.contains { $0.type == other.type } }
    }

    private func renewLease() async throws {
        let name = configuration.nodeName
        var spec = LeaseSpec()
        spec.holderIdentity = name
        spec.leaseDurationSeconds = configuration.leaseSeconds
        let now = precise()
        spec.renewTime = now
        do {
            _ = try await client.patch(
                Lease.self, namespace: "kube-node-lease", name: name,
                ["spec": try JSON(encoding: spec)])
        } catch let error as APIError where error.isNotFound {
            let lease = Lease(
                metadata: ObjectMeta(name: name, namespace: "kube-node-lease"), spec: spec)
            _ = try await client.create(lease)
        }
    }

    /// Lease times are MicroTimes: never without a fraction.
    private func precise() -> Timestamp {
        let seconds = Clock.unixSeconds()
        return Timestamp(seconds: seconds, nanoseconds: 1000)
    }
}
