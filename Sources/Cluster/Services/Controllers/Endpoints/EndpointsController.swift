import Client
import ControllerRules
import Logging
import Objects

/// Keeps each service's EndpointSlices: the addresses of the pods that its selector selects; and the same as one
/// object Endpoints.
public actor EndpointsController {
    private static let managedBy = (
        label: "endpointslice.kubernetes.io/managed-by", value: "endpointslice-controller.k8s.io"
    )
    private let client: APIClient
    private let logger = Logger(label: "endpointslice-controller")
    nonisolated let services: Informer<Service>
    private let pods: Informer<Pod>
    nonisolated let slices: Informer<EndpointSlice>
    nonisolated let endpoints: Informer<Endpoints>
    private let queue: WorkQueue

    /// - Parameter pods: run by the caller, who shares it with other controllers.
    public init(client: APIClient, pods: Informer<Pod>, time: any TimeSource = MachineTime()) {
        (self.client, self.pods) = (client, pods)
        services = Informer(client: client, resyncSeconds: 300, time: time, logger: logger)
        slices = Informer(
            client: client, labelSelector: "\(Self.managedBy.label)=\(Self.managedBy.value)",
            time: time, logger: logger)
        endpoints = Informer(client: client, time: time, logger: logger)
        queue = WorkQueue(time: time, logger: logger)
    }

    /// To be called before the shared informer runs.
    public func register() async {
        await services.feed(queue)
        await slices.onChange { await self.sliceChanged($0) }
        await pods.onChange { await self.podChanged($0) }
    }

    /// Works until cancelled.
    public func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.services.run() }
            group.addTask { try await self.slices.run() }
            group.addTask { try await self.endpoints.run() }
            await services.waitUntilSynced()
            await slices.waitUntilSynced()
            await endpoints.waitUntilSynced()
            await pods.waitUntilSynced()
            for service in await services.snapshot { await queue.add(service.key) }
            try await queue.run(workers: 2) { try await self.sync($0) }
        }
    }

    private func podChanged(_ change: CacheChange<Pod>) async {
        var labels = [change.object.metadata.labels ?? [:]]
        if case .updated(let old, _) = change { labels.append(old.metadata.labels ?? [:]) }
        for service in await services.snapshot
        where service.metadata.namespace == change.object.metadata.namespace
            && labels.contains(where: { service.selects($0) })
        {
            await queue.add(service.key)
        }
    }

    private func sliceChanged(_ change: CacheChange<EndpointSlice>) async {
        guard let name = change.object.metadata.labels?[EndpointSlice.serviceNameLabel],
            let namespace = change.object.metadata.namespace
        else { return }
        await queue.add("\(namespace)/\(name)")
    }

    private func sync(_ key: String) async throws {
        let existing = await slices.snapshot.filter {
            guard let name = $0.metadata.labels?[EndpointSlice.serviceNameLabel] else {
                return false
            }
            return "\($0.metadata.namespace ?? "")/\(name)" == key
        }
        guard let service = await services.get(key: key), service.metadata.deletionTimestamp == nil
        else {
            for slice in existing { try await delete(slice) }
            if let old = await endpoints.get(key: key) { try await delete(old) }
            return
        }
        // A service without a selector has endpoints that somebody else writes.
        guard service.spec.selector?.isEmpty == false, service.spec.type != "ExternalName" else {
            return
        }
        let selected = await pods.snapshot.filter {
            $0.metadata.namespace == service.metadata.namespace
                && service.selects($0.metadata.labels ?? [:])
        }
        let contents = sliceContents(service, pods: selected)
        let plan = slicePlan(contents, existing: existing)
        for content in plan.create {
            await slices.learn(try await client.create(slice(content, of: service)))
        }
        for slice in plan.update { await slices.learn(try await client.update(slice)) }
        for slice in plan.delete { try await delete(slice) }
        // After the slices, which the proxies wait for.
        try await write(endpointSubsets(contents), of: service)
    }

    private func write(_ subsets: [EndpointSubset], of service: Service) async throws {
        if let old = await endpoints.get(key: service.key) {
            if old.subsets ?? [] == subsets { return }
            await endpoints.learn(try await client.update(old.with { $0.subsets = subsets }))
        } else {
            var new = Endpoints(metadata: ObjectMeta(name: service.metadata.name))
            new.metadata.namespace = service.metadata.namespace
            new.metadata.labels = service.metadata.labels
            new.metadata.ownerReferences = [OwnerReference(controller: service)]
            new.subsets = subsets
            await endpoints.learn(try await client.create(new))
        }
    }

    private func slice(_ content: SliceContent, of service: Service) -> EndpointSlice {
        var slice = EndpointSlice()
        slice.metadata.generateName = "\(service.metadata.name)-"
        slice.metadata.namespace = service.metadata.namespace
        var labels = service.metadata.labels ?? [:]
        labels[EndpointSlice.serviceNameLabel] = service.metadata.name
        labels[Self.managedBy.label] = Self.managedBy.value
        slice.metadata.labels = labels
        slice.metadata.ownerReferences = [OwnerReference(controller: service)]
        (slice.endpoints, slice.ports) = (content.endpoints, content.ports)
        return slice
    }

    private func delete<Object: KubernetesObject>(_ object: Object) async throws {
        do {
            try await client.delete(
                Object.self, namespace: object.metadata.namespace, name: object.metadata.name,
                uid: object.metadata.uid)
        } catch let error as APIError where error.isNotFound {}
    }
}

extension Service {
    /// A service's selector is labels only, and an empty one selects nothing.
    func selects(_ labels: [String: String]) -> Bool {
        guard let selector = spec.selector, !selector.isEmpty else { return false }
        return selector.allSatisfy { labels[$0.key] == $0.value }
    }
}
