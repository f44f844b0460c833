import Client
import ControllerRules
import Objects

/// Keeps each service's EndpointSlices: the addresses of the pods that its selector selects, and the same as one
/// object Endpoints; or, without a selector, what somebody has written into an object Endpoints.
public actor EndpointsController {
    private static let managedBy = "endpointslice.kubernetes.io/managed-by"
    /// Whose slices: made from pods, or mirrored.
    private enum Manager: String, CaseIterable {
        case pods = "endpointslice-controller.k8s.io"
        case mirror = "endpointslicemirroring-controller.k8s.io"
    }
    private let shell: ControllerShell
    private let services: Informer<Service>
    private let pods: Informer<Pod>
    private let slices: Informer<EndpointSlice>
    private let endpoints: Informer<Endpoints>

    /// - Parameter pods: run by the caller, who shares it with other controllers; with an index `label`.
    public init(client: APIClient, pods: Informer<Pod>, time: any TimeSource = MachineTime()) {
        shell = ControllerShell(client: client, name: "endpointslice-controller", time: time)
        self.pods = pods
        services = shell.informer(
            resyncSeconds: 300,
            indexes: ["label": ObjectIndex { Self.selected($0).map { [$0] } ?? [] }])
        slices = shell.informer(
            labelSelector:
                "\(Self.managedBy) in (\(Manager.allCases.map(\.rawValue).joined(separator: ",")))",
            indexes: ["service": ObjectIndex { Self.serviceKey(of: $0).map { [$0] } ?? [] }])
        endpoints = shell.informer()
    }

    /// Where the pods that a service selects are found, and it by them: one of the labels that they must have.
    private static func selected(_ service: Service) -> String? {
        (service.spec.selector ?? [:]).min { $0.key < $1.key }.map {
            labelValue(service.metadata.namespace, $0.key, $0.value)
        }
    }

    private static func serviceKey(of slice: EndpointSlice) -> String? {
        guard let name = slice.metadata.labels?[EndpointSlice.serviceNameLabel],
            let namespace = slice.metadata.namespace
        else { return nil }
        return "\(namespace)/\(name)"
    }

    /// To be called before the shared informer runs.
    public func register() async {
        await services.feed(shell.queue)
        await slices.onChange { await self.sliceChanged($0) }
        await endpoints.onChange { await self.endpointsChanged($0) }
        await pods.onChange { await self.podChanged($0) }
    }

    /// Works until cancelled.
    public func run() async throws {
        try await shell.run([services, slices, endpoints], beside: [pods]) {
            try await self.sync($0)
        }
    }

    private func podChanged(_ change: CacheChange<Pod>) async {
        var labels = [change.object.metadata.labels ?? [:]]
        if case .updated(let old, _) = change { labels.append(old.metadata.labels ?? [:]) }
        for labels in labels {
            for (label, value) in labels {
                let place = labelValue(change.object.metadata.namespace, label, value)
                for service in await services.objects("label", place) where service.selects(labels)
                {
                    await shell.queue.add(service.key)
                }
            }
        }
    }

    private func sliceChanged(_ change: CacheChange<EndpointSlice>) async {
        if let key = Self.serviceKey(of: change.object) { await shell.queue.add(key) }
    }

    /// Addresses may be written down before their service is.
    private func endpointsChanged(_ change: CacheChange<Endpoints>) async {
        if await services.get(key: change.key) != nil { await shell.queue.add(change.key) }
    }

    private func sync(_ key: String) async throws {
        let existing = await slices.objects("service", key)
        guard let service = await services.get(key: key), service.metadata.deletionTimestamp == nil
        else {
            for slice in existing { try await delete(slice) }
            if let old = await endpoints.get(key: key) { try await delete(old) }
            return
        }
        if service.spec.selector?.isEmpty != false {
            let written = await endpoints.get(key: key).flatMap { $0.isMirrored ? $0 : nil }
            return try await make(
                written?.mirrored ?? [], .mirror, existing, of: service, from: written)
        }
        if service.spec.type == "ExternalName" { return }
        let selected = await pods.objects("label", Self.selected(service) ?? "").filter {
            service.selects($0.metadata.labels ?? [:])
        }
        let contents = sliceContents(service, pods: selected)
        try await make(contents, .pods, existing, of: service, from: nil)
        // After the slices, which the proxies wait for.
        try await write(endpointSubsets(contents), of: service)
    }

    /// Writes what is not there yet, and takes away what is there besides: slices of the other manager, too, where a
    /// service got a selector, or lost it.
    private func make(
        _ contents: [SliceContent], _ manager: Manager, _ existing: [EndpointSlice],
        of service: Service, from written: Endpoints?
    ) async throws {
        func isOwn(_ slice: EndpointSlice) -> Bool {
            slice.metadata.labels?[Self.managedBy] == manager.rawValue
        }
        let plan = slicePlan(contents, existing: existing.filter(isOwn))
        for content in plan.create {
            var slice = slice(content, of: service, manager)
            if let written {
                slice.metadata.ownerReferences = [OwnerReference(controller: written)]
            }
            await slices.learn(try await shell.client.create(slice))
        }
        for slice in plan.update { await slices.learn(try await shell.client.update(slice)) }
        for slice in plan.delete + existing.filter({ !isOwn($0) }) { try await delete(slice) }
    }

    private func write(_ subsets: [EndpointSubset], of service: Service) async throws {
        if let old = await endpoints.get(key: service.key) {
            if old.subsets ?? [] == subsets { return }
            await endpoints.learn(try await shell.client.update(old.with { $0.subsets = subsets }))
        } else {
            var new = Endpoints(metadata: ObjectMeta(name: service.metadata.name))
            new.metadata.namespace = service.metadata.namespace
            new.metadata.labels = service.metadata.labels
            new.metadata.ownerReferences = [OwnerReference(controller: service)]
            new.subsets = subsets
            await endpoints.learn(try await shell.client.create(new))
        }
    }

    private func slice(
        _ content: SliceContent, of service: Service, _ manager: Manager
    ) -> EndpointSlice {
        var slice = EndpointSlice()
        slice.metadata.generateName = "\(service.metadata.name)-"
        slice.metadata.namespace = service.metadata.namespace
        var labels = service.metadata.labels ?? [:]
        labels[EndpointSlice.serviceNameLabel] = service.metadata.name
        labels[Self.managedBy] = manager.rawValue
        slice.metadata.labels = labels
        slice.metadata.ownerReferences = [OwnerReference(controller: service)]
        slice.addressType = content.addressType
        (slice.endpoints, slice.ports) = (content.endpoints, content.ports)
        return slice
    }

    private func delete<Object: KubernetesObject>(_ object: Object) async throws {
        do {
            try await shell.client.delete(
                Object.self, namespace: object.metadata.namespace, name: object.metadata.name,
                uid: object.metadata.uid)
        } catch let error as APIError where error.isNotFound {}
    }
}
