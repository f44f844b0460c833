import Client
import ContractScheduler
import ControllerRules
import JSON
import Objects

/// Gives every pod without a node one. Part 11 decides; this keeps the view that it decides on, and posts the
/// Bindings.
///
/// One pod at a time, so that each decision sees the ones before it: what was bound but does not show in the
/// cache yet is *assumed*. Bindings are posted by several at once, for the store takes its time over each.
///
/// This actor is re-entered at each `await`: what is to be emptied is taken out before, never after.
public actor Scheduler {
    private static let bindersCount = 16
    /// Changes that may let pods in come in swarms, and each costs a try of every pod that is kept out.
    private static let gatherMilliseconds = 50

    private let shell: ControllerShell
    private let part: PartCalls<any SchedulerContract>
    private let pods: Informer<Pod>
    private let nodes: Informer<Node>
    private let namespaces: Informer<Namespace>
    private var view = ClusterView()
    /// Keys of pods that no node would take when last tried.
    private var keptOut: Set<String> = []
    /// Those among them whose wishes are about other pods.
    private var keptOutByPods: Set<String> = []
    /// How often something has changed that may let pods in.
    private var moves = 0
    /// Keys of pods whose Binding is to be posted, and to which node.
    private let bindings: WorkQueue
    private var assignments: [String: Assignment] = [:]
    private let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation

    private struct Assignment: Sendable {
        let pod: Pod
        let node: String
    }

    public init(
        client: APIClient, part: PartCalls<any SchedulerContract>,
        time: any TimeSource = MachineTime()
    ) {
        shell = ControllerShell(client: client, name: "default-scheduler", time: time)
        self.part = part
        pods = shell.informer()
        nodes = shell.informer()
        namespaces = shell.informer()
        bindings = WorkQueue(time: time, logger: shell.logger)
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Works until cancelled.
    public func run() async throws {
        await pods.onChange { await self.podChanged($0) }
        await nodes.onChange { await self.nodeChanged($0) }
        await namespaces.onChange { await self.namespaceChanged($0) }
        try await shell.run(
            [pods, nodes, namespaces], workers: 1,
            tasks: [
                { try await self.flush() }, { try await self.tryAgain() },
                {
                    try await self.bindings.run(workers: Self.bindersCount) {
                        try await self.bind($0)
                    }
                },
            ]
        ) { try await self.schedule($0) }
    }

    // MARK: When to try

    private func podChanged(_ change: CacheChange<Pod>) async {
        let pod = change.object
        let hadPlace = pod.placedOn != nil || view.isAssumed(pod.metadata.uid ?? "")
        switch change {
        case .added, .updated: view.put(pod)
        case .deleted: view.remove(pod: pod.metadata.uid ?? "")
        }
        if pod.waitsForNode, case .added = change { return await shell.queue.add(pod.key) }
        if case .updated(let old, let new) = change {
            // A change of the status (our own condition, say) is no reason to try a pod again.
            if new.waitsForNode, new.maySuitMore(than: old) || !keptOut.contains(pod.key) {
                return await shell.queue.add(pod.key)
            }
            let hasMoved =
                new.placedOn != old.placedOn || new.metadata.labels != old.metadata.labels
            if hasMoved, !keptOutByPods.isEmpty { moved() }
        }
        if case .deleted = change { forgetKeptOut(pod.key) }
        let isGone = if case .deleted = change { true } else { pod.isFinished }
        if isGone, hadPlace { moved() }
    }

    private func nodeChanged(_ change: CacheChange<Node>) {
        switch change {
        case .added(let node):
            view.put(node)
            moved()
        case .updated(let old, let new):
            guard new.maySuitMore(than: old) else { return }
            view.put(new)
            moved()
        case .deleted(let node): view.remove(node: node.metadata.name)
        }
    }

    private func namespaceChanged(_ change: CacheChange<Namespace>) {
        if case .deleted(let namespace) = change {
            view.remove(namespace: namespace.metadata.name)
        } else {
            view.put(change.object)
            if !keptOutByPods.isEmpty { moved() }
        }
    }

    /// What a watch does not show may let a pod in too; kube-scheduler tries all again after minutes.
    private func flush() async throws {
        while true {
            try await shell.time.sleep(milliseconds: 60_000)
            wish.yield()
        }
    }

    /// Puts all that are kept out back into the queue, some time after the first wish and once for all that came
    /// meanwhile. They are taken out of the set first: who is kept out anew while others are being added stays.
    private func tryAgain() async throws {
        for await _ in wishes {
            try await shell.time.sleep(milliseconds: Self.gatherMilliseconds)
            let keys = keptOut.sorted()
            (keptOut, keptOutByPods) = ([], [])
            for key in keys { await shell.queue.add(key) }
        }
    }

    private func moved() {
        moves += 1
        wish.yield()
    }

    private func forgetKeptOut(_ key: String) {
        keptOut.remove(key)
        keptOutByPods.remove(key)
    }

    // MARK: One pod

    private func schedule(_ key: String) async throws {
        guard let pod = await pods.get(key: key), pod.waitsForNode,
            !view.isAssumed(pod.metadata.uid ?? "")
        else { return }
        forgetKeptOut(key)
        if pod.isGated { return try await report(gated, about: pod) }
        let before = moves
        let question = view.question(pod)
        let placement = try await part.ask { try $0.place(question.pod, nodes: question.nodes) }
        if let node = placement.node {
            view.assume(pod, on: node)
            assignments[key] = Assignment(pod: pod, node: node)
            await bindings.add(key)
        } else {
            keptOut.insert(key)
            if PodWishes(pod).isAboutPods { keptOutByPods.insert(key) }
            // What came while the part was thinking is not in its answer.
            if moves != before { wish.yield() }
            shell.events.record(pod, .warning, reason: "FailedScheduling", placement.message)
            try await report(
                Condition(
                    type: "PodScheduled", status: "False", reason: "Unschedulable",
                    message: placement.message), about: pod)
        }
    }

    /// A Binding that is refused gives the place free again, and the pod is tried anew.
    private func bind(_ key: String) async throws {
        guard let assignment = assignments.removeValue(forKey: key) else { return }
        do { try await post(assignment) } catch {
            view.forget(assignment.pod.metadata.uid ?? "")
            moved()
            if (error as? APIError)?.isNotFound == true { return }
            if !(error is CancellationError) { await shell.queue.retry(key) }
            throw error
        }
    }

    private func post(_ binding: Assignment) async throws {
        let pod = binding.pod
        let path = Pod.resource.path(
            namespace: pod.metadata.namespace, name: pod.metadata.name, subresource: "binding")
        _ = try await shell.client.raw(
            "POST", path, body: try JSON(encoding: Binding(pod: pod, node: binding.node)))
        shell.events.record(
            pod, reason: "Scheduled", "Successfully assigned \(pod.key) to \(binding.node)")
    }

    private let gated = Condition(
        type: "PodScheduled", status: "False", reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates")

    private func report(_ condition: Condition, about pod: Pod) async throws {
        let old = pod.status?.condition("PodScheduled")
        guard old?.message != condition.message || old?.reason != condition.reason else { return }
        var condition = condition
        condition.lastTransitionTime =
            old?.status == "False" ? old?.lastTransitionTime : shell.time.now
        do {
            let patched = try await shell.client.patch(
                Pod.self, namespace: pod.metadata.namespace, name: pod.metadata.name,
                subresource: "status", kind: .strategicMerge,
                ["status": ["conditions": [try JSON(encoding: condition)]]])
            await pods.learn(patched)
        } catch let error as APIError where error.isNotFound {}
    }
}
