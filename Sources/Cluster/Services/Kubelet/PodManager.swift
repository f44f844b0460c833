import Client
import JSON
import Linux
import Logging
import Objects
import PodRuntime
import PodWork

/// All pods of this node, one worker each, from the API server and from files.
actor PodManager {
    private let services: KubeletServices
    private var workers: [String: PodWorker] = [:]
    private var pods: [String: Pod] = [:]
    private let newcomers: AsyncStream<PodWorker>
    private let newcomerInput: AsyncStream<PodWorker>.Continuation
    /// What an earlier kubelet left running, by the pod's uid.
    private var leftSandboxes: [String: Set<String>] = [:]
    private var leftContainers: [String: Set<String>] = [:]

    init(services: KubeletServices) {
        self.services = services
        (newcomers, newcomerInput) = AsyncStream.makeStream()
    }

    /// All pods with a worker, sorted.
    var all: [Pod] { pods.values.sorted { $0.key < $1.key } }

    func pod(namespace: String, name: String) -> Pod? {
        pods.values.first { $0.metadata.namespace == namespace && $0.metadata.name == name }
    }

    /// What the worker knows of a pod's containers.
    func machine(_ uid: String) async -> PodMachineView? {
        guard let worker = workers[uid] else { return nil }
        return await worker.look()
    }

    /// Finds what runs. To be called once, before any pod is known.
    func adopt() async throws {
        let runtime = services.runtime
        let (sandboxes, containers) = try await blocking {
            // A container that was created and never started was cut off in the middle: begin anew.
            for container in try runtime.listContainers() where container.state == .created {
                try runtime.removeContainer(container.id)
            }
            return (try runtime.listPodSandbox(), try runtime.listContainers())
        }
        var uids: [String: String] = [:]
        for sandbox in sandboxes {
            uids[sandbox.id] = sandbox.config.uid
            leftSandboxes[sandbox.config.uid, default: []].insert(sandbox.id)
        }
        for container in containers {
            if let uid = uids[container.sandbox] {
                leftContainers[uid, default: []].insert(container.id)
            }
        }
        services.logger.info("found \(sandboxes.count) sandboxes, \(containers.count) containers")
    }

    /// Runs the workers until cancelled.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for await worker in newcomers {
                group.addTask {
                    await worker.run()
                    if !Task.isCancelled { await self.finished(worker) }
                }
            }
            group.cancelAll()
        }
    }

    private func finished(_ worker: PodWorker) async {
        let uid = await worker.machine.pod.metadata.uid ?? ""
        workers[uid] = nil
        pods[uid] = nil
    }

    func apply(_ change: CacheChange<Pod>) async {
        switch change {
        case .added(let pod): await put(pod)
        case .updated(let old, let new):
            // The deletion in between was missed.
            if old.metadata.uid != new.metadata.uid { await remove(old) }
            await put(new)
        case .deleted(let pod): await remove(pod)
        }
    }

    func put(_ pod: Pod) async {
        guard let uid = pod.metadata.uid else { return }
        if let name = pod.wrongName {
            return services.logger.error(
                "\(pod.key): \(name) can't be the name of a directory; not run")
        }
        pods[uid] = pod
        if let worker = workers[uid] { return await worker.update(pod) }
        let worker = PodWorker(
            pod, services: services, sandboxes: leftSandboxes.removeValue(forKey: uid) ?? [],
            containers: leftContainers.removeValue(forKey: uid) ?? [])
        workers[uid] = worker
        newcomerInput.yield(worker)
    }

    func remove(_ pod: Pod) async {
        if let worker = workers[pod.metadata.uid ?? ""] { await worker.update(nil) }
    }

    /// A container has ended; whose it is, the workers know.
    func containerEnded(_ id: String) async {
        for worker in workers.values where await worker.containerIDs.contains(id) {
            worker.poke()
        }
    }

    /// Takes down what belongs to no pod. To be called once all pods are known.
    func removeLeftovers() async {
        let (services, ids) = (services, leftSandboxes.values.flatMap { $0 }.sorted())
        leftSandboxes = [:]
        leftContainers = [:]
        let state = services.configuration.state
        // Listed with the pods that are known now: the volumes of one that arrives meanwhile are its own.
        let known = Set(pods.keys)
        let left = ((try? Files.list("\(state)/pods")) ?? []).filter { !known.contains($0) }
        do {
            try await blocking {
                for id in ids {
                    services.logger.info("taking down sandbox \(id): its pod is gone")
                    let config = try services.runtime.podSandboxStatus(id).config
                    try services.runtime.stopPodSandbox(id)
                    try services.runtime.removePodSandbox(id)
                    try Files.removeTree(config.logDirectory)
                }
                for uid in left { try services.volumes.remove(uid) }
            }
        } catch { services.logger.error("leftovers: \(error)") }
    }
}

/// What others may see of a pod's worker.
struct PodMachineView: Sendable {
    var pod: Pod
    var status: PodStatus?
    /// By name: this run of each container, and the one before.
    var current: [String: PodRuntime.ContainerStatus]
    var previous: [String: PodRuntime.ContainerStatus]
}

extension PodWorker {
    func look() -> PodMachineView {
        let names = machine.allContainers.map(\.name)
        func all(_ get: (String) -> PodRuntime.ContainerStatus?) -> [String: PodRuntime
            .ContainerStatus]
        {
            Dictionary(
                uniqueKeysWithValues: names.compactMap { name in get(name).map { (name, $0) } })
        }
        return PodMachineView(
            pod: machine.pod, status: publisher.last, current: all(machine.current),
            previous: all(machine.previous))
    }
}

/// Pods from files: what a node runs without asking anyone, as the real kubelet's static pods.
///
/// They are read once, at the start. They have no object in the API server (the real kubelet makes
/// a mirror).
enum StaticPods {
    static func read(_ directory: String, nodeName: String) throws -> [Pod] {
        try Files.list(directory).filter { $0.hasSuffix(".json") }.map { file in
            var pod: Pod = try JSON(parsing: Files.read("\(directory)/\(file)")).decode()
            pod.metadata.namespace = pod.metadata.namespace ?? "default"
            pod.metadata.name += "-\(nodeName)"
            pod.metadata.annotations = (pod.metadata.annotations ?? [:])
                .merging([Pod.sourceAnnotation: "file"]) { $1 }
            pod.metadata.uid =
                pod.metadata.uid ?? "static-\(pod.metadata.namespace!)-\(pod.metadata.name)"
            return pod
        }
    }
}

extension Pod {
    static let sourceAnnotation = "kubernetes.io/config.source"
    /// From a file of the node: the API server doesn't know it.
    var isStatic: Bool { metadata.annotations?[Self.sourceAnnotation] == "file" }

    /// A name in this pod that would mean another place where it becomes a part of a path; nil where all is well. The API
    /// server lets none through, a file might.
    var wrongName: String? {
        let names =
            [metadata.uid, metadata.name, metadata.namespace].compactMap { $0 }
            + spec.everyContainer.map(\.name) + (spec.volumes ?? []).map(\.name)
        return names.first {
            $0.isEmpty || $0 == "." || $0 == ".." || $0.utf8.contains(UInt8(ascii: "/"))
                || $0.utf8.contains(0) || $0.utf8.count > 253
        }
    }
}
