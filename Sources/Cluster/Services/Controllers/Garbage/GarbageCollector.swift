import Client
import ControllerRules
import JSON
import Logging
import Objects

/// Deletes what belongs to owners that are gone: background, foreground and orphan deletion.
///
/// It follows the kinds that the kit's controllers make and own. Nothing is deleted on the word of a cache:
/// before it calls an owner gone, it asks the API server.
public actor GarbageCollector {
    private let client: APIClient
    private let logger = Logger(label: "garbage-collector")
    private let queue: WorkQueue
    private var graph = OwnerGraph()

    public init(client: APIClient, time: any TimeSource = MachineTime()) {
        self.client = client
        queue = WorkQueue(time: time, logger: logger)
    }

    /// To be called for each kind before its informer runs.
    public func follow<T: KubernetesObject>(_ informer: Informer<T>) async {
        await informer.onChange { change in
            if case .deleted(let object) = change {
                await self.gone(GarbageItem(object))
            } else {
                await self.changed(GarbageItem(change.object))
            }
        }
    }

    /// Works until cancelled.
    public func run() async throws {
        try await queue.run(workers: 4) { try await self.sync($0) }
    }

    private func changed(_ item: GarbageItem) async {
        guard graph.items[item.uid] != item else { return }
        graph.put(item)
        if item.isBeingDeleted || !item.owners.isEmpty { await queue.add(item.uid) }
    }

    private func gone(_ item: GarbageItem) async {
        graph.remove(item.uid)
        for dependent in graph.dependents(of: item.uid) { await queue.add(dependent.uid) }
        // A foreground deletion waits for its last dependent.
        for owner in item.owners { await queue.add(owner.uid) }
    }

    private func sync(_ uid: String) async throws {
        guard let item = graph.items[uid] else { return }
        var absent: Set<String> = []
        if !item.isBeingDeleted {
            for owner in item.owners where graph.items[owner.uid] == nil {
                if try await isAbsent(owner, namespace: item.namespace) { absent.insert(owner.uid) }
            }
        }
        switch graph.verdict(on: item, absent: absent) {
        case .keep: break
        case .delete: try await delete(item)
        case .disown(let owners): try await disown(item, owners)
        case .orphan(let dependents):
            for dependent in dependents { try await disown(dependent, [item.uid]) }
            try await removeFinalizer("orphan", from: item)
        case .foreground(let dependents, let isDone):
            for dependent in dependents { try await delete(dependent, inForeground: true) }
            if isDone { try await removeFinalizer("foregroundDeletion", from: item) }
        }
    }

    /// Owners of kinds that the kit does not know are taken to be there.
    private func isAbsent(_ owner: OwnerReference, namespace: String?) async throws -> Bool {
        guard
            let resource = Self.owners.first(where: {
                $0.apiVersion == owner.apiVersion && $0.kind == owner.kind
            })
        else { return false }
        do {
            let found = try await client.raw(
                "GET", resource.path(namespace: namespace, name: owner.name))
            return found.at("metadata", "uid")?.string != owner.uid
        } catch let error as APIError where error.isNotFound { return true }
    }

    private static let owners: [Resource] = [
        Deployment.resource, ReplicaSet.resource, Job.resource, Service.resource, Pod.resource,
        Node.resource, ConfigMap.resource, Secret.resource,
    ]

    /// - Parameter inForeground: an owner waits for it, so it waits for its own dependents.
    private func delete(_ item: GarbageItem, inForeground: Bool = false) async throws {
        var options: JSON = [
            "apiVersion": "v1", "kind": "DeleteOptions",
            "preconditions": ["uid": .string(item.uid)],
        ]
        if inForeground, !graph.dependents(of: item.uid).isEmpty {
            options["propagationPolicy"] = "Foreground"
        } else if item.finalizers.isEmpty {
            options["propagationPolicy"] = "Background"
        }
        do {
            _ = try await client.raw("DELETE", item.path(), body: options)
        } catch let error as APIError where error.isNotFound {}
    }

    private func disown(_ item: GarbageItem, _ owners: Set<String>) async throws {
        let rest = item.owners.filter { !owners.contains($0.uid) }
        try await patch(item, ["ownerReferences": rest.isEmpty ? .null : try JSON(encoding: rest)])
    }

    private func removeFinalizer(_ name: String, from item: GarbageItem) async throws {
        let rest = item.finalizers.filter { $0 != name }
        try await patch(
            item, ["finalizers": rest.isEmpty ? .null : .array(rest.map { .string($0) })])
    }

    private func patch(_ item: GarbageItem, _ metadata: JSON) async throws {
        var metadata = metadata
        metadata["uid"] = .string(item.uid)
        do {
            _ = try await client.raw(
                "PATCH", item.path(), body: ["metadata": metadata],
                contentType: PatchKind.merge.rawValue)
        } catch let error as APIError where error.isNotFound {}
    }
}
