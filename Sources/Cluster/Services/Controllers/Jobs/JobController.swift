import Client
import ContractMiniCluster
import ControllerRules
import JSON
import Logging
import Objects

/// Runs Jobs to their end. Part 19 decides; this sees to it.
///
/// The informers only say when to look: each look reads the Job and its pods anew, so that a view is never older
/// than this controller's own last writes. A Job takes a handful of looks; a ReplicaSet controller could not
/// afford it.
public actor JobController {
    private let client: APIClient
    private let part: PartCalls<any MiniClusterContract>
    private let time: any TimeSource
    private let logger = Logger(label: "job-controller")
    private let jobs: Informer<Job>
    private let pods: Informer<Pod>
    private let queue: WorkQueue
    private let events: EventRecorder

    public init(
        client: APIClient, part: PartCalls<any MiniClusterContract>,
        time: any TimeSource = MachineTime()
    ) {
        (self.client, self.part, self.time) = (client, part, time)
        jobs = Informer(client: client, resyncSeconds: 300, time: time, logger: logger)
        pods = Informer(
            client: client, labelSelector: "batch.kubernetes.io/job-name", time: time,
            logger: logger)
        queue = WorkQueue(time: time, logger: logger)
        events = EventRecorder(client: client, component: "job-controller", time: time)
    }

    /// Works until cancelled.
    public func run() async throws {
        await jobs.feed(queue)
        await pods.onChange { await self.podChanged($0.object) }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.jobs.run() }
            group.addTask { try await self.pods.run() }
            group.addTask { try await self.events.run() }
            await jobs.waitUntilSynced()
            await pods.waitUntilSynced()
            logger.info("ready")
            try await queue.run(workers: 2) { try await self.sync($0) }
        }
    }

    private func podChanged(_ pod: Pod) async {
        guard let owner = pod.metadata.controller, owner.kind == Job.resource.kind,
            let namespace = pod.metadata.namespace
        else { return }
        await queue.add("\(namespace)/\(owner.name)")
    }

    private func sync(_ key: String) async throws {
        guard let known = await jobs.get(key: key), let namespace = known.metadata.namespace,
            known.metadata.deletionTimestamp == nil
        else { return try await letGo(key) }
        let job: JSON
        do {
            job = try await client.raw("GET", path(known))
        } catch let error as APIError where error.isNotFound { return try await letGo(key) }
        let all = try await list(namespace, jobNamed: known.metadata.name)
        let view = JobView(job: job, pods: all, now: time.now.seconds)
        let plan = try await part.ask { try $0.sync(view) }
        // In this order: see MiniClusterContract.sync.
        try await write(plan.status, before: view.job.status, job)
        for pod in all where plan.release.contains(name(pod)) { try await release(pod) }
        try await create(plan.create, job, known)
        for pod in all where plan.delete.contains(name(pod)) {
            try await deletePod(name(pod), namespace, known)
        }
    }

    private func name(_ object: JSON) -> String { object.at("metadata", "name")?.string ?? "" }

    private func path(_ job: Job, subresource: String? = nil) -> String {
        Job.resource.path(
            namespace: job.metadata.namespace, name: job.metadata.name, subresource: subresource)
    }

    private func list(_ namespace: String, jobNamed name: String) async throws -> [JSON] {
        let selector = "labelSelector=batch.kubernetes.io%2Fjob-name%3D\(name)"
        let list = try await client.raw(
            "GET", "\(Pod.resource.path(namespace: namespace))?\(selector)")
        return list["items"]?.array ?? []
    }

    /// Refused where the Job has changed since it was read: then all of it is decided anew.
    private func write(_ numbers: JobNumbers, before: JobNumbers, _ job: JSON) async throws {
        guard numbers != before || job["status"] == nil else { return }
        var body = job
        body["status"] = numbers.status(before: job["status"], now: time.now.seconds)
        let path = Job.resource.path(
            namespace: job.at("metadata", "namespace")?.string, name: name(job),
            subresource: "status")
        let written: Job = try await client.raw("PUT", path, body: body).decode()
        await jobs.learn(written)
        if let condition = numbers.condition, before.condition == nil {
            let isComplete = condition == "Complete"
            events.record(
                written, isComplete ? .normal : .warning,
                reason: isComplete ? "Completed" : "BackoffLimitExceeded",
                isComplete ? "Job completed" : "Job has reached the specified backoff limit")
        }
    }

    private func create(_ count: Int, _ job: JSON, _ known: Job) async throws {
        let body = podBody(ofJob: job)
        for _ in 0..<count {
            let path = Pod.resource.path(namespace: known.metadata.namespace)
            let pod = try await client.raw("POST", path, body: body)
            events.record(known, reason: "SuccessfulCreate", "Created pod: \(name(pod))")
        }
    }

    private func deletePod(_ name: String, _ namespace: String, _ job: Job) async throws {
        do {
            try await client.delete(Pod.self, namespace: namespace, name: name)
            events.record(job, reason: "SuccessfulDelete", "Deleted pod: \(name)")
        } catch let error as APIError where error.isNotFound {}
    }

    private func release(_ pod: JSON) async throws {
        guard JobPod(pod).tracked else { return }
        do {
            _ = try await client.patch(
                Pod.self, namespace: pod.at("metadata", "namespace")?.string, name: name(pod),
                releasePatch(pod))
        } catch let error as APIError where error.isNotFound {}
    }

    /// The Job is gone or going: nobody will count its pods any more, so nobody may hold them.
    private func letGo(_ key: String) async throws {
        let halves = key.split(separator: "/").map(String.init)
        guard halves.count == 2 else { return }
        for pod in try await list(halves[0], jobNamed: halves[1]) { try await release(pod) }
    }
}
