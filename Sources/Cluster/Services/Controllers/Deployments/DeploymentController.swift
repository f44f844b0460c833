import Client
import ContractRollout
import ControllerRules
import JSON
import Objects

/// Rolls each Deployment's pods to its present template. Part 10 decides; this sees to it.
///
/// It touches ReplicaSets only, never pods. Every look starts from nothing but the objects, so a controller
/// that is killed in the middle of a rollout goes on where it was.
public actor DeploymentController {
    private let shell: ControllerShell
    private let part: PartCalls<any RolloutContract>
    private let deployments: Informer<Deployment>
    private let sets: Informer<ReplicaSet>

    public init(
        client: APIClient, part: PartCalls<any RolloutContract>,
        time: any TimeSource = MachineTime()
    ) {
        shell = ControllerShell(client: client, name: "deployment-controller", time: time)
        self.part = part
        deployments = shell.informer(resyncSeconds: 300)
        sets = shell.informer(indexes: ["controller": .byController])
    }

    /// Works until cancelled.
    public func run() async throws {
        await deployments.feed(shell.queue)
        await sets.onChange { await self.setChanged($0) }
        try await shell.run([deployments, sets], workers: 16) { try await self.sync($0) }
    }

    private func setChanged(_ change: CacheChange<ReplicaSet>) async {
        let set = change.object
        guard let namespace = set.metadata.namespace else { return }
        if let owner = set.metadata.controller {
            if owner.kind == Deployment.resource.kind {
                await shell.queue.add("\(namespace)/\(owner.name)")
            }
            return
        }
        // A set without a controller may be anybody's whose selector matches.
        for deployment in await deployments.snapshot
        where deployment.metadata.namespace == namespace
            && deployment.spec.selector.matches(set.metadata.labels ?? [:])
        {
            await shell.queue.add(deployment.key)
        }
    }

    // MARK: One look

    private func sync(_ key: String) async throws {
        guard let deployment = await deployments.get(key: key),
            deployment.metadata.deletionTimestamp == nil
        else { return }
        let owned = try await claimed(deployment)
        let view = try await look(at: deployment, owned)
        let plan = try await part.ask { try $0.plan(view) }
        let bounds = try await part.ask { [facts = view.deployment] part in
            try part.bounds(
                replicas: facts.replicas, maxSurge: facts.maxSurge,
                maxUnavailable: facts.maxUnavailable)
        }
        let sizes = sizeAnnotations(view.deployment, bounds)
        let collision = try await create(plan, deployment, owned, sizes)
        try await resize(plan, deployment, owned, sizes)
        try await renumber(plan, deployment, owned)
        try await delete(plan, owned)
        try await writeStatus(plan, of: deployment, collision)
        if let seconds = again(plan, view) {
            await shell.queue.add(key, afterMilliseconds: seconds * 1000)
        }
    }

    /// The Deployment's sets, after it has taken over those that its selector selects and nobody controls, and let
    /// go of those that it no longer selects. Before it takes one over, it asks whether it is still there itself.
    private func claimed(_ deployment: Deployment) async throws -> [ReplicaSet] {
        let namespace = deployment.metadata.namespace
        let candidates =
            await sets.objects("controller", deployment.metadata.uid ?? "")
            + sets.objects("controller", orphans(in: namespace))
        let claims = Claims(
            deployment.metadata, deployment.spec.selector, candidates: candidates.map(\.metadata))
        if !claims.adopt.isEmpty {
            let now = try await shell.client.get(
                Deployment.self, namespace: namespace, name: deployment.metadata.name)
            guard now.metadata.uid == deployment.metadata.uid, now.metadata.deletionTimestamp == nil
            else { return [] }
        }
        var owned: [ReplicaSet] = []
        for set in candidates {
            let name = set.metadata.name
            if claims.mine.contains(name) { owned.append(set) }
            var owners = set.metadata.ownerReferences ?? []
            if claims.adopt.contains(name) {
                owners.append(OwnerReference(controller: deployment))
            } else if claims.release.contains(name) {
                owners.removeAll { $0.uid == deployment.metadata.uid }
            } else {
                continue
            }
            let changed = try await shell.client.patch(
                ReplicaSet.self, namespace: namespace, name: name,
                try ownersPatch(set.metadata, owners))
            await sets.learn(changed)
            if claims.adopt.contains(name) { owned.append(changed) }
        }
        return owned
    }

    private func look(at deployment: Deployment, _ owned: [ReplicaSet]) async throws
        -> DeploymentView
    {
        let template = canonicalTemplate(try JSON(encoding: deployment.spec.template))
        let collisions = deployment.status?.collisionCount
        let hash = try await part.ask {
            try $0.templateHash(template, collisionCount: collisions)
        }
        let facts = try DeploymentFacts(deployment, templateHash: hash)
        let alive =
            facts.strategy == .recreate ? try await oldPodsAlive(deployment, owned, hash) : 0
        return DeploymentView(
            deployment: facts, sets: owned.map(RevisionFacts.init), oldPodsAlive: alive,
            now: shell.time.now.seconds)
    }

    /// Asked for at each look, since only the Recreate strategy wants to know: no cache of all pods for that.
    private func oldPodsAlive(
        _ deployment: Deployment, _ owned: [ReplicaSet], _ hash: String
    ) async throws -> Int {
        let old = owned.filter { $0.metadata.labels?[Deployment.templateHashLabel] != hash }
        let uids = Set(old.compactMap(\.metadata.uid))
        guard !uids.isEmpty else { return 0 }
        let list = try await shell.client.list(
            Pod.self, namespace: deployment.metadata.namespace,
            labelSelector: deployment.spec.selector.text)
        return list.items.count { pod in
            !pod.isFinished && pod.metadata.controller.map { uids.contains($0.uid) } ?? false
        }
    }

    /// While old pods are on their way out nothing else will wake us, for they are not in our cache.
    private func again(_ plan: RolloutPlan, _ view: DeploymentView) -> Int? {
        view.oldPodsAlive > 0 ? 1 : plan.againInSeconds
    }

    // MARK: What a look leads to

    /// - Returns: the collision count for the status.
    private func create(
        _ plan: RolloutPlan, _ deployment: Deployment, _ owned: [ReplicaSet],
        _ sizes: [String: String]
    ) async throws -> Int? {
        let collisions = deployment.status?.collisionCount
        guard let creation = plan.create else { return collisions }
        let body = try replicaSetBody(of: deployment, creation, sizes: sizes)
        do {
            let path = ReplicaSet.resource.path(namespace: deployment.metadata.namespace)
            await sets.learn(try await shell.client.raw("POST", path, body: body).decode())
        } catch let error as APIError where error.isAlreadyExists {
            let there = try await shell.client.get(
                ReplicaSet.self, namespace: deployment.metadata.namespace, name: creation.name)
            // Ours: the cache was behind. Another's: the same hash for another template, so hash differently.
            if there.metadata.controller?.uid == deployment.metadata.uid { return collisions }
            return (collisions ?? 0) + 1
        } catch {
            shell.events.record(
                deployment, .warning, reason: "ReplicaSetCreateError",
                "Failed to create new replica set \"\(creation.name)\": \(error)")
            throw error
        }
        if creation.replicas > 0 {
            scaled(deployment, Resize(creation.name, from: 0, to: creation.replicas))
        }
        return collisions
    }

    private func resize(
        _ plan: RolloutPlan, _ deployment: Deployment, _ owned: [ReplicaSet],
        _ sizes: [String: String]
    ) async throws {
        for resize in plan.resize {
            guard let set = owned.first(where: { $0.metadata.name == resize.name }) else {
                continue
            }
            let resized = try await shell.client.patch(
                ReplicaSet.self, namespace: set.metadata.namespace, name: resize.name,
                resizePatch(set, to: resize.to, sizes: sizes))
            await sets.learn(resized)
            if resize.from != resize.to { scaled(deployment, resize) }
        }
    }

    private func scaled(_ deployment: Deployment, _ resize: Resize) {
        let direction = resize.to > resize.from ? "up" : "down"
        shell.events.record(
            deployment, reason: "ScalingReplicaSet",
            "Scaled \(direction) replica set \(resize.name) from \(resize.from) to \(resize.to)")
    }

    private func renumber(
        _ plan: RolloutPlan, _ deployment: Deployment, _ owned: [ReplicaSet]
    ) async throws {
        if let renumber = plan.renumber,
            let set = owned.first(where: { $0.metadata.name == renumber.name })
        {
            let renumbered = try await shell.client.patch(
                ReplicaSet.self, namespace: set.metadata.namespace, name: renumber.name,
                renumberPatch(set, revision: renumber.revision))
            await sets.learn(renumbered)
        }
        let annotation = deployment.metadata.annotations?[DeploymentAnnotation.revision]
        if let revision = plan.revision, annotation != "\(revision)" {
            _ = try await shell.client.patch(
                Deployment.self, namespace: deployment.metadata.namespace,
                name: deployment.metadata.name,
                ["metadata": ["annotations": JSON([DeploymentAnnotation.revision: "\(revision)"])]])
        }
    }

    private func delete(_ plan: RolloutPlan, _ owned: [ReplicaSet]) async throws {
        for name in plan.delete {
            guard let set = owned.first(where: { $0.metadata.name == name }) else { continue }
            do {
                try await shell.client.delete(
                    ReplicaSet.self, namespace: set.metadata.namespace, name: name,
                    uid: set.metadata.uid)
            } catch let error as APIError where error.isNotFound {}
        }
    }

    /// Without a precondition on the version: the numbers are counted anew at each look, and the generation that
    /// they were counted for stands beside them.
    private func writeStatus(
        _ plan: RolloutPlan, of deployment: Deployment, _ collisionCount: Int?
    ) async throws {
        let status = deploymentStatus(plan, of: deployment, collisionCount: collisionCount)
        guard status != deployment.status else { return }
        do {
            _ = try await shell.client.patch(
                Deployment.self, namespace: deployment.metadata.namespace,
                name: deployment.metadata.name, subresource: "status",
                try statusPatch(from: deployment.status, to: status, resourceVersion: nil))
        } catch let error as APIError where error.isNotFound {}
    }
}
