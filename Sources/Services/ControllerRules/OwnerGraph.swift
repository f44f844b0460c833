import Objects

/// What garbage collection knows of an object: who it is, whom it belongs to, and whether it is on its way out.
public struct GarbageItem: Hashable, Sendable {
    public let resource: Resource
    public let namespace: String?
    public let name: String
    public let uid: String
    public let owners: [OwnerReference]
    public let finalizers: [String]
    public let isBeingDeleted: Bool

    public init(_ metadata: ObjectMeta, of resource: Resource) {
        self.resource = resource
        namespace = metadata.namespace
        name = metadata.name
        uid = metadata.uid ?? ""
        owners = metadata.ownerReferences ?? []
        finalizers = metadata.finalizers ?? []
        isBeingDeleted = metadata.deletionTimestamp != nil
    }

    public func path() -> String { resource.path(namespace: namespace, name: name) }

    /// It goes when the last of its dependents that blocks it has gone.
    public var waitsForDependents: Bool {
        isBeingDeleted && finalizers.contains(GarbageFinalizer.foreground)
    }

    /// Whether that reference means this object. One that lives in another namespace is nobody's owner.
    public func isMeant(by owner: OwnerReference, of dependent: GarbageItem) -> Bool {
        owner.uid == uid && owner.kind == resource.kind && owner.name == name
            && (namespace == nil || namespace == dependent.namespace)
    }
}

public enum GarbageFinalizer {
    public static let orphan = "orphan"
    public static let foreground = "foregroundDeletion"
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

    /// Those that name the object as an owner, and may. Sorted by UID.
    public func dependents(of item: GarbageItem) -> [GarbageItem] {
        naming(item.uid).filter { dependent in
            dependent.owners.contains { item.isMeant(by: $0, of: dependent) }
        }
    }

    /// All that name that UID as an owner's, rightly or not. Sorted by UID.
    public func naming(_ uid: String) -> [GarbageItem] {
        (dependents[uid] ?? []).sorted().compactMap { items[$0] }
    }

    /// The owner is known to be there.
    public func isThere(_ owner: OwnerReference, of item: GarbageItem) -> Bool {
        items[owner.uid]?.isMeant(by: owner, of: item) ?? false
    }

    /// What is to be done about an object.
    ///
    /// | the object | |
    /// |---|---|
    /// | is being deleted, with the finalizer `orphan` | its dependents lose their reference to it, then it loses the finalizer |
    /// | is being deleted, with `foregroundDeletion` | its dependents are looked at; when none is left that blocks, it loses the finalizer |
    /// | has owners, and one at least that stays | loses the references to those that are gone or wait for it |
    /// | has owners, and all of them are gone or wait for it | is deleted |
    ///
    /// Source: k8s.io/kubernetes pkg/controller/garbagecollector, attemptToDeleteItem.
    /// - Parameter absent: UIDs of owners that were asked for and are not there.
    public func verdict(on item: GarbageItem, absent: Set<String>) -> GarbageVerdict {
        if item.isBeingDeleted {
            let all = dependents(of: item)
            if item.finalizers.contains(GarbageFinalizer.orphan) { return .orphan(all) }
            guard item.waitsForDependents else { return .keep }
            return .foreground(
                look: all.filter { !$0.isBeingDeleted },
                isDone: !all.contains { blocks($0, item) && !waits($0, for: item) })
        }
        let waiting = item.owners.filter { items[$0.uid]?.waitsForDependents ?? false }.map(\.uid)
        let leaving = absent.union(waiting)
        let left = item.owners.filter { leaving.contains($0.uid) }
        if left.isEmpty { return .keep }
        if left.count < item.owners.count { return .disown(Set(left.map(\.uid))) }
        return .delete(inForeground: !waiting.isEmpty && !dependents(of: item).isEmpty)
    }

    private func blocks(_ dependent: GarbageItem, _ owner: GarbageItem) -> Bool {
        dependent.owners.contains { $0.uid == owner.uid && $0.blockOwnerDeletion == true }
    }

    /// `item` waits, itself or through others, until `other` has gone: in a circle of owners nobody blocks
    /// anybody, or none of them would ever go.
    private func waits(_ item: GarbageItem, for other: GarbageItem) -> Bool {
        var seen: Set<String> = []
        var next = [item]
        while let one = next.popLast() {
            guard one.waitsForDependents, seen.insert(one.uid).inserted else { continue }
            if one.uid == other.uid { return true }
            next += dependents(of: one).filter { blocks($0, one) }
        }
        return false
    }
}

/// What garbage collection does with an object.
public enum GarbageVerdict: Equatable {
    case keep
    /// - Parameter inForeground: an owner waits for it, so it waits for its own dependents.
    case delete(inForeground: Bool)
    case disown(Set<String>)
    case orphan([GarbageItem])
    case foreground(look: [GarbageItem], isDone: Bool)
}
