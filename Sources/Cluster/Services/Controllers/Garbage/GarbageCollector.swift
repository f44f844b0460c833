import Client
import ControllerRules
import JSON
import Logging
import Objects

/// Deletes what belongs to owners that are gone: background, foreground and orphan deletion, for every kind
/// that can be listed, watched and deleted.
///
/// It knows no kind: it follows the metadata of all that discovery names. Nothing is deleted or let go on the
/// word of a cache: before it calls an owner gone, and before each write, it asks the API server.
public actor GarbageCollector {
    private let client: APIClient
    private let time: any TimeSource
    private let logger = Logger(label: "garbage-collector")
    private let queue: WorkQueue
    private let events: EventRecorder
    private var graph = OwnerGraph()
    /// All kinds that the API server had when last asked, and those that are followed.
    private var kinds: [Discovered] = []
    private var followed: [Resource: Informer<ObjectMetadata>] = [:]

    public init(client: APIClient, time: any TimeSource = MachineTime()) {
        (self.client, self.time) = (client, time)
        queue = WorkQueue(time: time, logger: logger)
        events = EventRecorder(
            client: client, component: "garbage-collector-controller", time: time)
    }

    /// Works until cancelled.
    public func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await self.events.run() }
            group.addTask { try await self.follow() }
            try await waitUntilSynced()
            logger.info("ready", metadata: ["kinds": "\(followed.count)"])
            try await queue.run(workers: 4) { try await self.sync($0) }
        }
    }

    // MARK: Following all kinds

    /// Asks again and again, for kinds may come later.
    private func follow() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                for informer in await newInformers() { group.addTask { try await informer.run() } }
                try await time.sleep(milliseconds: followed.isEmpty ? 500 : 30_000)
            }
        }
    }

    private func newInformers() async -> [Informer<ObjectMetadata>] {
        do { kinds = try await discover(client) } catch {
            logger.debug("discovery: \(error)")
            return []
        }
        var new: [Informer<ObjectMetadata>] = []
        for kind in kinds where followed[kind.resource] == nil && kind.canBeCollected {
            let resource = kind.resource
            let informer = Informer<ObjectMetadata>(
                client: client, of: resource, time: time, logger: logger)
            followed[resource] = informer
            await informer.onChange { change in
                let item = GarbageItem(change.object.metadata, of: resource)
                if case .deleted = change {
                    await self.gone(item)
                } else {
                    await self.changed(item)
                }
            }
            new.append(informer)
        }
        return new
    }

    /// Who has not seen all dependents would let an owner go too early. One kind that can't be listed holds the
    /// others up for half a minute and no longer.
    private func waitUntilSynced() async throws {
        for _ in 0..<600 {
            var missing = followed.isEmpty ? 1 : 0
            for informer in followed.values where await !informer.synced { missing += 1 }
            if missing == 0 { return }
            try await time.sleep(milliseconds: 50)
        }
        logger.warning("some kinds can't be listed; collecting without them")
    }

    private func changed(_ item: GarbageItem) async {
        guard graph.items[item.uid] != item else { return }
        graph.put(item)
        if item.isBeingDeleted || !item.owners.isEmpty { await queue.add(item.uid) }
    }

    private func gone(_ item: GarbageItem) async {
        graph.remove(item.uid)
        for dependent in graph.naming(item.uid) { await queue.add(dependent.uid) }
        // A foreground deletion waits for its last dependent.
        for owner in item.owners { await queue.add(owner.uid) }
    }

    // MARK: One look

    private func sync(_ uid: String) async throws {
        guard let item = graph.items[uid] else { return }
        var absent: Set<String> = []
        if !item.isBeingDeleted {
            for owner in item.owners where !graph.isThere(owner, of: item) {
                if try await isAbsent(owner, of: item) { absent.insert(owner.uid) }
            }
        }
        switch graph.verdict(on: item, absent: absent) {
        case .keep: break
        case .delete(let inForeground): try await delete(item, inForeground: inForeground)
        case .disown(let owners): try await disown(item, owners)
        case .orphan(let dependents):
            for dependent in dependents { try await disown(dependent, [item.uid]) }
            try await removeFinalizer(GarbageFinalizer.orphan, from: item)
        case .foreground(let dependents, let isDone):
            for dependent in dependents { await queue.add(dependent.uid) }
            if isDone { try await removeFinalizer(GarbageFinalizer.foreground, from: item) }
        }
    }

    /// Owners of kinds that nobody knows are taken to be there; so is one in a namespace that an object outside
    /// of all namespaces names, for it can't say in which.
    private func isAbsent(_ owner: OwnerReference, of item: GarbageItem) async throws -> Bool {
        guard let resource = resource(of: owner),
            !resource.isNamespaced || item.namespace != nil
        else { return false }
        let there = try await metadata(
            at: resource.path(namespace: item.namespace, name: owner.name))
        if there?.uid == owner.uid { return false }
        if graph.items[owner.uid] != nil {
            events.record(
                about: ObjectReference(to: item), .warning, reason: "OwnerRefInvalidNamespace",
                "ownerRef [\(owner.apiVersion)/\(owner.kind), name: \(owner.name), uid: \(owner.uid)]"
                    + " does not exist in namespace \"\(item.namespace ?? "")\"")
        }
        return true
    }

    /// The version of a reference may be another than the one that is followed.
    private func resource(of owner: OwnerReference) -> Resource? {
        let same = kinds.map(\.resource).filter { $0.kind == owner.kind }
        return same.first { $0.apiVersion == owner.apiVersion }
            ?? same.first { $0.group == group(owner.apiVersion) }
    }

    // MARK: What a look leads to

    /// Only if its owners are still those that were judged: the object as it is now says so.
    private func delete(_ item: GarbageItem, inForeground: Bool) async throws {
        guard let now = try await metadata(at: item.path()), now.uid == item.uid else { return }
        guard GarbageItem(now, of: item.resource) == item else {
            // The watch will bring it, or has brought it: look at it anew.
            return await queue.add(item.uid, afterMilliseconds: 200)
        }
        var policy = inForeground ? Propagation.foreground : .background
        if item.finalizers.contains(GarbageFinalizer.orphan) { policy = .orphan }
        if item.finalizers.contains(GarbageFinalizer.foreground) { policy = .foreground }
        let options: JSON = [
            "apiVersion": "v1", "kind": "DeleteOptions",
            "propagationPolicy": .string(policy.rawValue),
            "preconditions": [
                "uid": .string(item.uid), "resourceVersion": .string(now.resourceVersion ?? ""),
            ],
        ]
        do {
            _ = try await client.raw("DELETE", item.path(), body: options)
        } catch let error as APIError where error.isNotFound {}
    }

    private func disown(_ item: GarbageItem, _ owners: Set<String>) async throws {
        try await edit(item) { metadata in
            let rest = (metadata.ownerReferences ?? []).filter { !owners.contains($0.uid) }
            guard rest != metadata.ownerReferences ?? [] else { return nil }
            return ["ownerReferences": rest.isEmpty ? .null : try JSON(encoding: rest)]
        }
    }

    private func removeFinalizer(_ name: String, from item: GarbageItem) async throws {
        try await edit(item) { metadata in
            let rest = (metadata.finalizers ?? []).filter { $0 != name }
            guard rest != metadata.finalizers ?? [] else { return nil }
            return ["finalizers": rest.isEmpty ? .null : .array(rest.map { .string($0) })]
        }
    }

    /// Changes metadata as they are now, and only those.
    private func edit(_ item: GarbageItem, _ change: (ObjectMeta) throws -> JSON?) async throws {
        guard let now = try await metadata(at: item.path()), now.uid == item.uid,
            var metadata = try change(now)
        else { return }
        metadata["uid"] = .string(item.uid)
        metadata["resourceVersion"] = .string(now.resourceVersion ?? "")
        do {
            _ = try await client.raw(
                "PATCH", item.path(), body: ["metadata": metadata],
                contentType: PatchKind.merge.rawValue)
        } catch let error as APIError where error.isNotFound {}
    }

    /// nil where there is no such object.
    private func metadata(at path: String) async throws -> ObjectMeta? {
        do {
            let object: ObjectMetadata = try await client.raw("GET", path).decode()
            return object.metadata
        } catch let error as APIError where error.isNotFound { return nil }
    }
}

private func group(_ apiVersion: String) -> String {
    guard let slash = apiVersion.utf8.firstIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(apiVersion[..<slash])
}

extension Discovered {
    /// Events are about objects and belong to none.
    fileprivate var canBeCollected: Bool {
        ["list", "watch", "delete"].allSatisfy(verbs.contains) && resource.kind != "Event"
    }
}

extension ObjectReference {
    fileprivate init(to item: GarbageItem) {
        self.init()
        (apiVersion, kind) = (item.resource.apiVersion, item.resource.kind)
        (namespace, name, uid) = (item.namespace, item.name, item.uid)
    }
}
