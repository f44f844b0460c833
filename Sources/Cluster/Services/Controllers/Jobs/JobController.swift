import Client
import ContractMiniCluster
import ControllerRules
import JSON
import Objects

/// Runs Jobs to their end. Part 19 decides; this sees to it.
///
/// The informers only say when to look: each look reads the Job and its pods anew, so that a view is never older
/// than this controller's own last writes. A Job takes a handful of looks; a ReplicaSet controller could not
/// afford it.
public actor JobController {
    private let shell: ControllerShell
    private let part: PartCalls<any MiniClusterContract>
    private let jobs: Informer<Job>
    /// Of all pods, for a Job with a selector of its own may have any; their metadata say whose they are.
    private let pods: Informer<ObjectMetadata>

    public init(
        client: APIClient, part: PartCalls<any MiniClusterContract>,
        time: any TimeSource = MachineTime()
    ) {
        shell = ControllerShell(client: client, name: "job-controller", time: time)
        self.part = part
        jobs = shell.informer(resyncSeconds: 300)
        pods = shell.informer(
            of: Pod.resource,
            indexes: ["job": ObjectIndex { Self.jobKey(of: $0).map { [$0] } ?? [] }])
    }

    /// Works until cancelled.
    public func run() async throws {
        await jobs.feed(shell.queue)
        await pods.onChange { await self.podChanged($0.object) }
        try await shell.run([jobs, pods]) { try await self.sync($0) }
    }

    /// `namespace/name` of the Job that controls the pod.
    private static func jobKey(of pod: ObjectMetadata) -> String? {
        guard let owner = pod.metadata.controller, owner.kind == Job.resource.kind,
            let namespace = pod.metadata.namespace
        else { return nil }
        return "\(namespace)/\(owner.name)"
    }

    /// A pod's own key stands for a pod that is tracked and that no Job counts; no Job's key has a third part.
    private func podChanged(_ pod: ObjectMetadata) async {
        let key = Self.jobKey(of: pod)
        if let key { await shell.queue.add(key) }
        guard pod.metadata.finalizers?.contains(JobTracking.finalizer) ?? false else { return }
        if let key, await jobs.get(key: key)?.metadata.uid == pod.metadata.controller?.uid {
            return
        }
        await shell.queue.add("\(pod.key)/pod")
    }

    private func sync(_ key: String) async throws {
        let parts = key.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        if parts.count == 3 { return try await letGo(pod: parts[1], in: parts[0]) }
        guard let known = await jobs.get(key: key), known.metadata.deletionTimestamp == nil else {
            return await letGo(ofJob: key)
        }
        guard let job = try await read(Job.resource, known.metadata.namespace, known.metadata.name)
        else { return }
        guard JobWishes(job).isOurs else { return }
        let look = JobLook(
            job: job, pods: try await claimed(job, known), now: shell.time.now.seconds)
        let view = look.view
        let decision = look.decision(try await part.ask { try $0.sync(view) })
        // In this order: see MiniClusterContract.sync.
        if let status = decision.status { try await write(status, job, known, decision.ending) }
        for pod in decision.release { try await release(pod) }
        try await create(decision.create, known)
        for pod in decision.delete { try await deletePod(pod, known) }
        if decision.isOver { return try await sweep(known) }
        if let seconds = decision.againInSeconds {
            await shell.queue.add(key, afterMilliseconds: seconds * 1000)
        }
    }

    // MARK: What there is

    /// nil where there is no such object.
    private func read(_ resource: Resource, _ namespace: String?, _ name: String) async throws
        -> JSON?
    {
        do {
            return try await shell.client.raw(
                "GET", resource.path(namespace: namespace, name: name))
        } catch let error as APIError where error.isNotFound { return nil }
    }

    /// The Job's pods, after it has taken over those that its selector selects and nobody controls, and let go
    /// of those that it no longer selects.
    private func claimed(_ job: JSON, _ known: Job) async throws -> [JSON] {
        let selector: LabelSelector = try (job.at("spec", "selector") ?? [:]).decode()
        let path = query(
            Pod.resource.path(namespace: known.metadata.namespace),
            [("labelSelector", selector.text)])
        let all = try await shell.client.raw("GET", path)["items"]?.array ?? []
        let metadata = try all.map { try ($0["metadata"] ?? [:]).decode(ObjectMeta.self) }
        for stray in await pods.objects("job", known.key)
        where stray.metadata.controller?.uid == known.metadata.uid
            && !selector.matches(stray.metadata.labels ?? [:])
        {
            let others = (stray.metadata.ownerReferences ?? []).filter {
                $0.uid != known.metadata.uid
            }
            try await change(
                stray.metadata, owners: try others.map { try JSON(encoding: $0) },
                finalizers: (stray.metadata.finalizers ?? []).filter { $0 != JobTracking.finalizer }
            )
        }
        let claims = Claims(known.metadata, selector, candidates: metadata)
        var pods: [JSON] = []
        for (pod, metadata) in zip(all, metadata) {
            guard claims.adopt.contains(metadata.name), !selector.text.isEmpty else {
                pods.append(pod)
                continue
            }
            let owners = try (metadata.ownerReferences ?? []).map { try JSON(encoding: $0) }
            let adopted = try await change(
                metadata, owners: owners + [jobOwner(job)],
                finalizers: (metadata.finalizers ?? []) + [JobTracking.finalizer])
            pods.append(adopted ?? pod)
        }
        return pods
    }

    /// - Returns: the pod as it is then; nil where it is not there any more.
    @discardableResult
    private func change(_ pod: ObjectMeta, owners: [JSON], finalizers: [String]) async throws
        -> JSON?
    {
        do {
            return try await shell.client.raw(
                "PATCH", Pod.resource.path(namespace: pod.namespace, name: pod.name),
                body: [
                    "metadata": [
                        "uid": .string(pod.uid ?? ""),
                        "resourceVersion": .string(pod.resourceVersion ?? ""),
                        "ownerReferences": owners.isEmpty ? .null : .array(owners),
                        "finalizers": finalizers.isEmpty
                            ? .null : .array(finalizers.map { .string($0) }),
                    ]
                ], contentType: PatchKind.merge.rawValue)
        } catch let error as APIError where error.isNotFound { return nil }
    }

    // MARK: What a look leads to

    /// Refused where the Job has changed since it was read: then all of it is decided anew.
    private func write(_ status: JSON, _ job: JSON, _ known: Job, _ ending: JobEnding?) async throws
    {
        var body = job
        body["status"] = status
        let path = Job.resource.path(
            namespace: known.metadata.namespace, name: known.metadata.name, subresource: "status")
        let written: Job = try await shell.client.raw("PUT", path, body: body).decode()
        await jobs.learn(written)
        switch ending {
        case .complete: shell.events.record(written, reason: "Completed", "Job completed")
        case .failed(let reason, let message):
            shell.events.record(written, .warning, reason: reason, message)
        case nil: break
        }
    }

    private func create(_ bodies: [JSON], _ job: Job) async throws {
        for body in bodies {
            let path = Pod.resource.path(namespace: job.metadata.namespace)
            let pod = try await shell.client.raw("POST", path, body: body)
            let name = pod.at("metadata", "name")?.string ?? ""
            shell.events.record(job, reason: "SuccessfulCreate", "Created pod: \(name)")
        }
    }

    private func deletePod(_ pod: JSON, _ job: Job) async throws {
        let name = pod.at("metadata", "name")?.string ?? ""
        do {
            try await shell.client.delete(
                Pod.self, namespace: job.metadata.namespace, name: name,
                uid: pod.at("metadata", "uid")?.string)
            shell.events.record(job, reason: "SuccessfulDelete", "Deleted pod: \(name)")
        } catch let error as APIError where error.isNotFound {}
    }

    /// Its time to live is up: it goes after its pods, if it is still the one that was judged.
    private func sweep(_ known: Job) async throws {
        do {
            try await shell.client.delete(
                Job.self, namespace: known.metadata.namespace, name: known.metadata.name,
                uid: known.metadata.uid, propagation: .foreground)
        } catch let error as APIError where error.isNotFound {}
    }

    // MARK: Letting go

    /// Takes the finalizer away from one pod, the one of this uid, whoever else changes its finalizers meanwhile.
    private func release(_ pod: JSON) async throws {
        let finalizers = (pod.at("metadata", "finalizers")?.array ?? []).compactMap(\.string)
        guard finalizers.contains(JobTracking.finalizer) else { return }
        let rest = finalizers.filter { $0 != JobTracking.finalizer }
        do {
            _ = try await shell.client.raw(
                "PATCH",
                Pod.resource.path(
                    namespace: pod.at("metadata", "namespace")?.string,
                    name: pod.at("metadata", "name")?.string),
                body: [
                    "metadata": [
                        "uid": pod.at("metadata", "uid") ?? "",
                        "finalizers": rest.isEmpty ? .null : .array(rest.map { .string($0) }),
                    ]
                ], contentType: PatchKind.merge.rawValue)
        } catch let error as APIError where error.isNotFound {}
    }

    /// The Job is gone or going: nobody will count its pods any more, so nobody may hold them.
    private func letGo(ofJob key: String) async {
        for pod in await pods.objects("job", key)
        where pod.metadata.finalizers?.contains(JobTracking.finalizer) ?? false {
            await shell.queue.add("\(pod.key)/pod")
        }
    }

    /// Lets a pod go whose Job is not there, or on its way out: what the API server says counts.
    private func letGo(pod name: String, in namespace: String) async throws {
        guard let pod = try await read(Pod.resource, namespace, name) else { return }
        let metadata: ObjectMeta = try (pod["metadata"] ?? [:]).decode()
        if let owner = metadata.controller, owner.kind == Job.resource.kind,
            let job = try await read(Job.resource, namespace, owner.name),
            job.at("metadata", "uid")?.string == owner.uid,
            job.at("metadata", "deletionTimestamp")?.string == nil
        {
            return
        }
        try await release(pod)
    }
}
