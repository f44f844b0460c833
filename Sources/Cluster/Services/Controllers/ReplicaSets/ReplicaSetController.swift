import Client
import ContractSelectors
import ControllerRules
import JSON
import Objects

/// Keeps as many pods as each ReplicaSet wants. Part 09 decides; this sees to it.
///
/// Level-triggered: a change only says which set to look at, and the look starts from the cache as it is.
public actor ReplicaSetController {
    private let shell: ControllerShell
    private let part: PartCalls<any SelectorsContract>
    private let sets: Informer<ReplicaSet>
    private let pods: Informer<Pod>
    private let book: ExpectationBook

    public init(
        client: APIClient, part: PartCalls<any SelectorsContract>,
        time: any TimeSource = MachineTime()
    ) {
        shell = ControllerShell(client: client, name: "replicaset-controller", time: time)
        self.part = part
        sets = shell.informer(resyncSeconds: 300, indexes: ["controller": .byController])
        pods = shell.informer(indexes: ["controller": .byController])
        book = ExpectationBook(part: part)
    }

    /// Works until cancelled.
    public func run() async throws {
        await sets.feed(shell.queue)
        await pods.onChange { await self.podChanged($0) }
        try await shell.run([sets, pods], workers: 16) { try await self.sync($0) }
    }

    // MARK: Which set to look at

    private func podChanged(_ change: CacheChange<Pod>) async {
        var touched = [change.object]
        if case .updated(let old, _) = change,
            old.metadata.controller != change.object.metadata.controller
        {
            touched.append(old)
        }
        for pod in touched {
            if let key = controllerKey(of: pod) {
                await observe(change, for: key)
                await shell.queue.add(key)
            } else {
                await orphanChanged(pod)
            }
        }
    }

    private func controllerKey(of pod: Pod) -> String? {
        guard let owner = pod.metadata.controller, owner.kind == ReplicaSet.resource.kind,
            let namespace = pod.metadata.namespace
        else { return nil }
        return "\(namespace)/\(owner.name)"
    }

    private func observe(_ change: CacheChange<Pod>, for key: String) async {
        let uid = change.object.metadata.uid ?? ""
        do {
            switch change {
            case .added: try await book.observe(PodEvent(.created, uid: uid), for: key)
            case .deleted: try await book.observe(PodEvent(.deleted, uid: uid), for: key)
            case .updated(let old, let new):
                guard new.isTerminating, !old.isTerminating else { return }
                try await book.observe(PodEvent(.deleted, uid: uid), for: key)
            }
        } catch { shell.logger.warning("\(key): \(error)") }
    }

    /// A pod without a controller may be anybody's whose selector matches.
    private func orphanChanged(_ pod: Pod) async {
        guard pod.metadata.controller == nil, let labels = pod.metadata.labels else { return }
        for set in await sets.snapshot where set.metadata.namespace == pod.metadata.namespace {
            let selects = try? await part.ask {
                try $0.matches(try Selector(set.spec.selector), labels: labels)
            }
            if selects == true { await shell.queue.add(set.key) }
        }
    }

    // MARK: One look

    private func sync(_ key: String) async throws {
        guard let set = await sets.get(key: key) else { return await book.drop(key) }
        // Its own, and those that nobody controls: no others can become its own.
        let own = await pods.objects("controller", set.metadata.uid ?? "")
        let mine = await own + pods.objects("controller", orphans(in: set.metadata.namespace))
        let view = ReplicaSetView(
            set: try ReplicaSetFacts(set), pods: mine.map(PodFacts.init),
            podsOnNode: own.count > set.spec.replicas ?? 1 ? await neighbours(of: set) : [:],
            expectations: await book.entry(key), now: shell.time.now.seconds)
        let plan = try await part.ask { try $0.plan(view) }
        let failure = await outcome {
            try await self.changeOwners(of: mine, plan, set)
            let body = try await self.podBody(plan, set, view.set)
            // Not before: what fails above is tried again, and would wait for changes that nobody asked for.
            if plan.create > 0 || !plan.delete.isEmpty {
                await self.book.write(plan.expectations, for: key)
            }
            try await self.create(plan.create, body, set)
            try await self.delete(plan.delete, among: mine, set)
        }
        try await writeStatus(plan.status, of: set, failure: failure)
        if let seconds = plan.againInSeconds {
            await shell.queue.add(key, afterMilliseconds: seconds * 1000)
        }
        if let failure { throw failure }
    }

    /// See `podsOnNode`. Only who has too many pods needs it.
    private func neighbours(of set: ReplicaSet) async -> [String: Int] {
        var siblings = [set]
        if let owner = set.metadata.controller?.uid {
            siblings = await sets.objects("controller", owner)
        }
        var all: [Pod] = []
        for sibling in siblings {
            all += await pods.objects("controller", sibling.metadata.uid ?? "")
        }
        return podsOnNode(all)
    }

    private func outcome(_ body: () async throws -> Void) async -> (any Error)? {
        do { try await body() } catch { return error }
        return nil
    }

    private func changeOwners(of pods: [Pod], _ plan: ReplicaSetPlan, _ set: ReplicaSet)
        async throws
    {
        for pod in pods {
            let name = pod.metadata.name
            var body: JSON?
            if plan.adopt.contains(name) {
                body = try ownerPatch(pod: pod, adding: OwnerReference(controller: set))
            } else if plan.release.contains(name) {
                body = try ownerPatch(pod: pod, removing: set.metadata.uid)
            }
            if let body {
                _ = try await shell.client.patch(
                    Pod.self, namespace: pod.metadata.namespace, name: name, body)
            }
        }
    }

    /// Nothing where the plan makes no pods.
    private func podBody(_ plan: ReplicaSetPlan, _ set: ReplicaSet, _ facts: ReplicaSetFacts) async throws -> JSON {
        guard plan.create > 0 else { return [:] }
        return try ControllerRules.podBody(of: set, birth: try await part.ask { try $0.newPod(facts) })
    }

    /// Creates in batches of 1, 2, 4, …: where the first is refused, the others would be too.
    private func create(_ count: Int, _ body: JSON, _ set: ReplicaSet) async throws {
        var (created, batch) = (0, 1)
        while created < count {
            let size = min(batch, count - created)
            let failures = await withTaskGroup(of: (any Error)?.self) { group in
                for _ in 0..<size {
                    group.addTask { await self.outcome { try await self.createOne(body, set) } }
                }
                var failures: [any Error] = []
                for await failure in group { if let failure { failures.append(failure) } }
                return failures
            }
            if let first = failures.first {
                let neverSent = count - created - size
                await expectNoMore(failures.count + neverSent, of: set)
                throw first
            }
            created += size
            batch *= 2
        }
    }

    private func createOne(_ body: JSON, _ set: ReplicaSet) async throws {
        do {
            let path = Pod.resource.path(namespace: set.metadata.namespace)
            let pod: Pod = try await shell.client.raw("POST", path, body: body).decode()
            shell.events.record(
                set, reason: "SuccessfulCreate", "Created pod: \(pod.metadata.name)")
        } catch {
            shell.events.record(set, .warning, reason: "FailedCreate", "Error creating: \(error)")
            throw error
        }
    }

    /// What was not created will not be seen.
    private func expectNoMore(_ count: Int, of set: ReplicaSet) async {
        for _ in 0..<count {
            try? await book.observe(PodEvent(.created, uid: ""), for: set.key)
        }
    }

    /// What was not deleted will not be seen to go.
    private func expectNoDeletion(_ pods: ArraySlice<Pod>, of set: ReplicaSet) async {
        for pod in pods {
            try? await book.observe(PodEvent(.deleted, uid: pod.metadata.uid ?? ""), for: set.key)
        }
    }

    private func delete(_ names: [String], among pods: [Pod], _ set: ReplicaSet) async throws {
        let victims = names.compactMap { name in pods.first { $0.metadata.name == name } }
        for (index, pod) in victims.enumerated() {
            let name = pod.metadata.name
            do {
                try await shell.client.delete(
                    Pod.self, namespace: pod.metadata.namespace, name: name, uid: pod.metadata.uid)
                shell.events.record(set, reason: "SuccessfulDelete", "Deleted pod: \(name)")
            } catch {
                let isGone = (error as? APIError)?.isNotFound == true
                await expectNoDeletion(isGone ? [pod] : victims[index...], of: set)
                if isGone { continue }
                shell.events.record(
                    set, .warning, reason: "FailedDelete", "Error deleting: \(error)")
                throw error
            }
        }
    }

    private func writeStatus(
        _ numbers: ReplicaSetNumbers, of set: ReplicaSet, failure: (any Error)?
    ) async throws {
        var condition: Condition?
        if let failure {
            condition = Condition(
                type: "ReplicaFailure", status: "True", reason: "FailedCreate",
                message: "\(failure)")
            condition?.lastTransitionTime =
                set.status?.conditions?.first { $0.type == "ReplicaFailure" }?.lastTransitionTime
                ?? shell.time.now
        }
        let status = replicaSetStatus(numbers, of: set, failure: condition)
        guard status != set.status else { return }
        do {
            _ = try await shell.client.patch(
                ReplicaSet.self, namespace: set.metadata.namespace, name: set.metadata.name,
                subresource: "status",
                try statusPatch(
                    from: set.status, to: status, resourceVersion: set.metadata.resourceVersion))
        } catch let error as APIError where error.isNotFound {}
    }
}
