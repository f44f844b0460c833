import Client
import ContractScheduler
import ControllerRules
import JSON
import Logging
import Objects

/// Gives every pod without a node one. Part 11 decides; this posts the Binding.
///
/// One pod at a time, so that each decision sees the ones before it: what was bound but does not show in the
/// cache yet is *assumed*.
public actor Scheduler {
    private let client: APIClient
    private let part: PartCalls<any SchedulerContract>
    private let time: any TimeSource
    private let logger = Logger(label: "scheduler")

    private let pods: Informer<Pod>
    private let nodes: Informer<Node>
    private let queue: WorkQueue
    private let events: EventRecorder
    /// Pod UID to node name.
    private var assumed: [String: String] = [:]
    /// Keys of pods that no node would take when last tried.
    private var keptOut: Set<String> = []

    public init(
        client: APIClient, part: PartCalls<any SchedulerContract>,
        time: any TimeSource = MachineTime()
    ) {
        (self.client, self.part, self.time) = (client, part, time)
        pods = Informer(client: client, time: time, logger: logger)
        nodes = Informer(client: client, time: time, logger: logger)
        queue = WorkQueue(time: time, logger: logger)
        events = EventRecorder(client: client, component: "default-scheduler", time: time)
    }

    /// Works until cancelled.
    public func run() async throws {
        await pods.onChange { await self.podChanged($0) }
        await nodes.onChange { await self.nodeChanged($0) }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.pods.run() }
            group.addTask { try await self.nodes.run() }
            group.addTask { try await self.events.run() }
            group.addTask { try await self.flush() }
            await pods.waitUntilSynced()
            await nodes.waitUntilSynced()
            logger.info("ready")
            try await queue.run(workers: 1) { try await self.schedule($0) }
        }
    }

    // MARK: When to try

    private func podChanged(_ change: CacheChange<Pod>) async {
        let pod = change.object
        let uid = pod.metadata.uid ?? ""
        switch change {
        case .added, .updated:
            if pod.spec.nodeName != nil { assumed[uid] = nil }
            // A change of the status (our own condition, say) is no reason to try a pod again.
            if pod.waitsForNode && !keptOut.contains(pod.key) { await queue.add(pod.key) }
            if pod.isFinished { await tryAgain() }
        case .deleted:
            assumed[uid] = nil
            keptOut.remove(pod.key)
            if pod.spec.nodeName != nil { await tryAgain() }
        }
    }

    private func nodeChanged(_ change: CacheChange<Node>) async {
        switch change {
        case .added: await tryAgain()
        case .updated(let old, let new): if new.maySuitMore(than: old) { await tryAgain() }
        case .deleted: break
        }
    }

    /// What a watch does not show may let a pod in too; kube-scheduler tries all again after minutes.
    private func flush() async throws {
        while true {
            try await time.sleep(milliseconds: 60_000)
            await tryAgain()
        }
    }

    private func tryAgain() async {
        for key in keptOut.sorted() { await queue.add(key) }
        keptOut = []
    }

    // MARK: One pod

    private func schedule(_ key: String) async throws {
        guard let pod = await pods.get(key: key), pod.waitsForNode,
            assumed[pod.metadata.uid ?? ""] == nil
        else { return }
        let facts = nodeFacts(
            await nodes.snapshot, pods: await pods.snapshot, assumed: assumed, for: pod)
        let placement = try await part.ask { try $0.place(PodRequest(pod), nodes: facts) }
        if let node = placement.node {
            try await bind(pod, to: node)
        } else {
            keptOut.insert(key)
            try await report(placement.message, about: pod)
        }
    }

    private func bind(_ pod: Pod, to node: String) async throws {
        let uid = pod.metadata.uid ?? ""
        assumed[uid] = node
        do {
            let path = Pod.resource.path(
                namespace: pod.metadata.namespace, name: pod.metadata.name, subresource: "binding")
            _ = try await client.raw(
                "POST", path, body: try JSON(encoding: Binding(pod: pod, node: node)))
        } catch {
            assumed[uid] = nil
            if (error as? APIError)?.isNotFound == true { return }
            throw error
        }
        events.record(
            pod, reason: "Scheduled", "Successfully assigned \(pod.key) to \(node)")
    }

    private func report(_ message: String, about pod: Pod) async throws {
        events.record(pod, .warning, reason: "FailedScheduling", message)
        let old = pod.status?.condition("PodScheduled")
        guard old?.message != message else { return }
        var condition = Condition(
            type: "PodScheduled", status: "False", reason: "Unschedulable", message: message)
        condition.lastTransitionTime =
            old?.status == "False" ? old?.lastTransitionTime : time.now
        do {
            let patched = try await client.patch(
                Pod.self, namespace: pod.metadata.namespace, name: pod.metadata.name,
                subresource: "status", kind: .strategicMerge,
                ["status": ["conditions": [try JSON(encoding: condition)]]])
            await pods.learn(patched)
        } catch let error as APIError where error.isNotFound {}
    }
}
