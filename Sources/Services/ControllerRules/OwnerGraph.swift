import Objects

/// What garbage collection knows of an object: who it is, whom it belongs to, and whether it is on its way out.
public struct GarbageItem: Hashable, Sendable {
    public let apiVersion: String
    public let kind: String
    public let namespace: String?
    public let name: String
    public let uid: String
    public let owners: [OwnerReference]
    public let finalizers: [String]
    public let isBeingDeleted: Bool
    public let isNamespaced: Bool
    public let plural: String

    public init<T: KubernetesObject>(_ object: T) {
        apiVersion = T.resource.apiVersion
        kind = T.resource.kind
        plural = T.resource.plural
        isNamespaced = T.resource.isNamespaced
        namespace = object.metadata.namespace
        name = object.metadata.name
        uid = object.metadata.uid ?? ""
        owners = object.metadata.ownerReferences ?? []
        finalizers = object.metadata.finalizers ?? []
        isBeingDeleted = object.metadata.deletionTimestamp != nil
    }

    public func path() -> String {
        let parts = apiVersion.split(separator: "/").map(String.init)
        return Resource(
            group: parts.count == 2 ? parts[0] : "", version: parts.last ?? "", plural: plural,
            kind: kind, isNamespaced: isNamespaced
        ).path(namespace: namespace, name: name)
    }
}

/// Who owns whom, by UID: the objects as last seen, and the way down from owner to dependents.
public struct OwnerGraph {
    public private(set) var items: [String: GarbageItem] = [:]
    private var dependents: [String: Set<String>] = [:]

    public init() {}

    public mutating func put(_ item: GarbageItem) {
        remove(item.uid)
        items[item.uid] = item
        for owner in item.owners { dependents[owner.uid, default: []].insert(item.uid) }
    }

    public mutating func remove(_ uid: String) {
        guard let item = items.removeValue(forKey: uid) else { return }
        for owner in item.owners {
            dependents[owner.uid]?.remove(uid)
            if dependents[owner.uid]?.isEmpty == true { dependents[owner.uid] = nil }
        }
    }

    /// Sorted by UID.
    public func dependents(of uid: String) -> [GarbageItem] {
        (dependents[uid] ?? []).sorted().compactMap { items[$0] }
    }

    /// What is to be done about an object.
    ///
    /// | the object | |
    /// |---|---|
    /// | is being deleted, with the finalizer `orphan` | its dependents lose their reference to it, then it loses the finalizer |
    /// | is being deleted, with `foregroundDeletion` | its dependents are deleted; when none is left that blocks, it loses the finalizer |
    /// | has owners, and none of them is there | is deleted |
    /// | has owners, and some of them are not there | loses the references to those |
    /// - Parameter absent: UIDs of owners that were asked for and are not there.
    public func verdict(on item: GarbageItem, absent: Set<String>) -> GarbageVerdict {
        if item.isBeingDeleted {
            if item.finalizers.contains("orphan") { return .orphan(dependents(of: item.uid)) }
            guard item.finalizers.contains("foregroundDeletion") else { return .keep }
            let all = dependents(of: item.uid)
            let blocking = all.filter { dependent in
                dependent.owners.contains { $0.uid == item.uid && $0.blockOwnerDeletion == true }
            }
            return .foreground(delete: all.filter { !$0.isBeingDeleted }, isDone: blocking.isEmpty)
        }
        let gone = item.owners.filter { absent.contains($0.uid) }
        if gone.isEmpty { return .keep }
        return gone.count == item.owners.count ? .delete : .disown(Set(gone.map(\.uid)))
    }
}

/// What garbage collection does with an object.
public enum GarbageVerdict: Equatable {
    case keep
    case delete
    case disown(Set<String>)
    case orphan([GarbageItem])
    case foreground(delete: [GarbageItem], isDone: Bool)
}
