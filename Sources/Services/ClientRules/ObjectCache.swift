import Objects

/// What changed in a cache: never a bookmark, never a step back in time.
public enum CacheChange<T: KubernetesObject>: Sendable {
    case added(T)
    case updated(old: T, new: T)
    case deleted(T)

    /// The object as it is, or was last.
    public var object: T {
        switch self {
        case .added(let object), .deleted(let object): object
        case .updated(_, let new): new
        }
    }
    public var key: String { object.key }
}

/// The objects of one kind as last heard of, and the rule that they only grow younger.
///
/// A watch that reconnects to another API server, or a list served from a store member that lags, may bring
/// an older version of an object that is known already. Acting on it would undo what was just done.
public struct ObjectCache<T: KubernetesObject> {
    public private(set) var objects: [String: T] = [:]
    /// Where a watch goes on.
    public private(set) var resourceVersion = ""

    public init() {}

    /// A whole list: what is not in it is gone.
    public mutating func replace(with list: [T], resourceVersion: String) -> [CacheChange<T>] {
        var changes: [CacheChange<T>] = []
        let listed = Set(list.map(\.key))
        for key in objects.keys.sorted() where !listed.contains(key) {
            changes.append(.deleted(objects.removeValue(forKey: key)!))
        }
        for object in list {
            if let change = store(object) { changes.append(change) }
        }
        self.resourceVersion = resourceVersion
        return changes
    }

    public mutating func apply(_ event: WatchEvent<T>) -> CacheChange<T>? {
        switch event {
        case .bookmark(let version):
            advance(to: version)
            return nil
        case .added(let object), .modified(let object):
            advance(to: object.metadata.resourceVersion)
            return store(object)
        case .deleted(let object):
            advance(to: object.metadata.resourceVersion)
            guard let known = objects[object.key], !isYounger(known, than: object) else {
                return nil
            }
            objects[object.key] = nil
            return .deleted(object)
        }
    }

    /// Takes in the answer to a write of our own, before the watch brings it.
    ///
    /// What the watch has passed already and is not here has been deleted since, and stays so.
    public mutating func learn(_ object: T) -> CacheChange<T>? {
        let isNew = isVersion(object.metadata.resourceVersion ?? "", after: resourceVersion)
        guard isNew || objects[object.key] != nil else { return nil }
        return store(object)
    }

    private mutating func store(_ object: T) -> CacheChange<T>? {
        guard let known = objects[object.key] else {
            objects[object.key] = object
            return .added(object)
        }
        guard isYounger(object, than: known) else { return nil }
        objects[object.key] = object
        return .updated(old: known, new: object)
    }

    private mutating func advance(to version: String?) {
        if let version, isVersion(version, after: resourceVersion) { resourceVersion = version }
    }

    private func isYounger(_ left: T, than right: T) -> Bool {
        isVersion(
            left.metadata.resourceVersion ?? "", after: right.metadata.resourceVersion ?? "")
    }

    /// resourceVersions are decimal numbers that grow (documented as such since Kubernetes 1.35).
    private func isVersion(_ left: String, after right: String) -> Bool {
        guard let left = Int(left), let right = Int(right) else { return left != right }
        return left > right
    }
}
