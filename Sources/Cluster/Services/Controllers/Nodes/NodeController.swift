import Client
import ControllerRules
import JSON
import Logging
import Objects

/// Notices nodes that have gone silent, keeps their taints, and frees what they can no longer run.
public actor NodeController {
    private let client: APIClient
    private let times: NodeTimes
    private let time: any TimeSource
    private let logger = Logger(label: "node-controller")
    private let nodes: Informer<Node>
    private let leases: Informer<Lease>
    private let pods: Informer<Pod>
    private let events: EventRecorder
    private var heartbeats = Heartbeats()
    /// Since when pods have been bound to a node that does not exist, by pod UID.
    private var homeless: [String: Timestamp] = [:]
    private let again: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// - Parameter pods: run by the caller, who shares it with other controllers; with an index `node`.
    public init(
        client: APIClient, pods: Informer<Pod>, times: NodeTimes,
        time: any TimeSource = MachineTime()
    ) {
        (self.client, self.pods, self.times, self.time) = (client, pods, times, time)
        nodes = Informer(client: client, time: time, logger: logger)
        leases = Informer(client: client, namespace: "kube-node-lease", time: time, logger: logger)
        events = EventRecorder(client: client, component: "node-controller", time: time)
        (again, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Works until cancelled.
    public func run() async throws {
        // A node that says itself that it is ready, or not, should not wait for the next round.
        await nodes.onChange { [wake] _ in wake.yield() }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.nodes.run() }
            group.addTask { try await self.leases.run() }
            group.addTask { try await self.events.run() }
            group.addTask { try await self.tick() }
            await nodes.waitUntilSynced()
            await leases.waitUntilSynced()
            await pods.waitUntilSynced()
            for await _ in again { await round() }
        }
    }

    private func tick() async throws {
        while true {
            try await time.sleep(milliseconds: times.monitorPeriod * 1000)
            wake.yield()
        }
    }

    private func round() async {
        // Who has not been listening cannot call others silent: their time starts anew.
        guard await nodes.isFollowing, await leases.isFollowing else {
            heartbeats = Heartbeats()
            return
        }
        let all = await nodes.snapshot
        heartbeats.forget(allBut: Set(all.map(\.metadata.name)))
        for node in all {
            do { try await look(at: node) } catch let error as APIError where error.isConflict {
                wake.yield()
            } catch { logger.warning("node \(node.metadata.name): \(error)") }
        }
        do { try await collectHomeless(Set(all.map(\.metadata.name))) } catch {
            logger.warning("pods without a node: \(error)")
        }
    }

    private func look(at node: Node) async throws {
        let lease = await leases.get(namespace: "kube-node-lease", name: node.metadata.name)
        let silence = heartbeats.silence(of: node, lease: lease, now: time.now)
        var node = node
        if silence >= times.grace { node = try await markUnknown(node) }
        try await taint(&node)
        try await tend(node)
    }

    private func markUnknown(_ node: Node) async throws -> Node {
        let conditions = unknownConditions(of: node, now: time.now)
        guard !conditions.isEmpty else { return node }
        let marked = try await client.patch(
            Node.self, namespace: nil, name: node.metadata.name, subresource: "status",
            kind: .strategicMerge, ["status": ["conditions": try JSON(encoding: conditions)]])
        await nodes.learn(marked)
        logger.notice("node \(node.metadata.name) has gone silent")
        if node.isReady {
            events.record(
                node, reason: "NodeNotReady",
                "Node \(node.metadata.name) status is now: NodeNotReady")
        }
        return marked
    }

    private func taint(_ node: inout Node) async throws {
        let taints = wantedTaints(of: node, now: time.now)
        guard taints != node.spec?.taints ?? [] else { return }
        var patch: JSON = ["spec": ["taints": taints.isEmpty ? .null : try JSON(encoding: taints)]]
        if let version = node.metadata.resourceVersion {
            patch["metadata"] = ["resourceVersion": .string(version)]
        }
        node = try await client.patch(Node.self, namespace: nil, name: node.metadata.name, patch)
        await nodes.learn(node)
    }

    /// Services must not send anybody to pods on a silent node. Pods that a taint drives out are deleted when
    /// their time is up.
    private func tend(_ node: Node) async throws {
        let drivesOut = (node.spec?.taints ?? []).contains { $0.effect == "NoExecute" }
        guard drivesOut || !node.isReady else { return }
        for pod in await pods.objects("node", node.metadata.name) where !pod.isFinished {
            if node.status?.condition("Ready")?.status == "Unknown", pod.isReady {
                try await markNotReady(pod)
            }
            if !pod.isTerminating,
                let due = evictionTime(of: pod, from: node, eviction: times.eviction),
                due <= time.now
            {
                events.record(
                    pod, reason: "TaintManagerEviction", "Marking for deletion Pod \(pod.key)")
                try await delete(pod, gracePeriodSeconds: nil)
            }
        }
    }

    private func markNotReady(_ pod: Pod) async throws {
        var condition = Condition(type: "Ready", status: "False", reason: "NodeNotReady")
        condition.lastTransitionTime = time.now
        do {
            let marked = try await client.patch(
                Pod.self, namespace: pod.metadata.namespace, name: pod.metadata.name,
                subresource: "status", kind: .strategicMerge,
                ["status": ["conditions": [try JSON(encoding: condition)]]])
            await pods.learn(marked)
        } catch let error as APIError where error.isNotFound {}
        events.record(pod, .warning, reason: "NodeNotReady", "Node is not ready")
    }

    /// A pod bound to a node that was deleted has nobody who could end it.
    private func collectHomeless(_ names: Set<String>) async throws {
        var still: [String: Timestamp] = [:]
        for name in await pods.values("node") where !names.contains(name) {
            for pod in await pods.objects("node", name) {
                let uid = pod.metadata.uid ?? ""
                let since = homeless[uid] ?? time.now
                still[uid] = since
                if time.now.seconds - since.seconds >= times.grace {
                    try await delete(pod, gracePeriodSeconds: 0)
                }
            }
        }
        homeless = still
    }

    private func delete(_ pod: Pod, gracePeriodSeconds: Int?) async throws {
        do {
            try await client.delete(
                Pod.self, namespace: pod.metadata.namespace, name: pod.metadata.name,
                uid: pod.metadata.uid, gracePeriodSeconds: gracePeriodSeconds)
        } catch let error as APIError where error.isNotFound || error.isConflict {}
    }
}
