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

    /// One object that took another's name, without our having seen that one go, is two steps.
    public var steps: [CacheChange] {
        guard case .updated(let old, let new) = self, old.metadata.uid != new.metadata.uid else {
            return [self]
        }
        return [.deleted(old), .added(new)]
    }
}

/// The objects of one kind as last heard of, and the rule that they only grow younger.
///
/// A watch that reconnects to another API server, or a list served from a store member that lags, may bring
/// an older version of an object that is known already. Acting on it would undo what was just done.
public struct ObjectCache<T: KubernetesObject> {
    public private(set) var objects: [String: T] = [:]
    /// Where a watch goes on.
    public private(set) var resourceVersion = ""
    private var indexes: [String: ObjectIndex<T>]

    public init(indexes: [String: ObjectIndex<T>] = [:]) { self.indexes = indexes }

    /// The objects that the index of that name has under `value`, sorted by key.
    public func objects(_ index: String, _ value: String) -> [T] {
        (indexes[index]?.keys(value) ?? []).sorted().compactMap { objects[$0] }
    }

    /// The values under which the index of that name finds anything, sorted.
    public func values(_ index: String) -> [String] { indexes[index]?.values ?? [] }

    /// A whole list: what is not in it is gone.
    ///
    /// What was learnt after the list was made isn't in it, and stays. So does the last readable version of an
    /// object that can't be read as it is now: it is there, and nobody may act as if it weren't.
    public mutating func replace(with list: Listing<T>) -> [CacheChange<T>] {
        var changes: [CacheChange<T>] = []
        var there = Set(list.items.map(\.key))
        for object in list.unreadable where isSame(objects[object.key], object) {
            there.insert(object.key)
        }
        for (key, known) in objects.sorted(by: { $0.key < $1.key }) where !there.contains(key) {
            let version = known.metadata.resourceVersion ?? ""
            if isVersion(version, after: list.resourceVersion), !list.resourceVersion.isEmpty {
                continue
            }
            set(key, nil)
            changes.append(.deleted(known))
        }
        changes += list.items.compactMap { store($0) }
        resourceVersion = list.resourceVersion
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
            set(object.key, nil)
            return .deleted(object)
        case .unreadable(let object, let isDeleted):
            advance(to: object.resourceVersion)
            return skip(object, isDeleted: isDeleted)
        }
    }

    /// Keeps the last readable version, unless that object is gone or another has taken its name.
    private mutating func skip(_ object: Unreadable, isDeleted: Bool) -> CacheChange<T>? {
        guard let known = objects[object.key], isDeleted || !isSame(known, object),
            !isVersion(known.metadata.resourceVersion ?? "", after: object.resourceVersion)
        else { return nil }
        set(object.key, nil)
        return .deleted(known)
    }

    private func isSame(_ known: T?, _ object: Unreadable) -> Bool {
        known != nil && known?.metadata.uid ?? "" == object.uid
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
            set(object.key, object)
            return .added(object)
        }
        guard isYounger(object, than: known) else { return nil }
        set(object.key, object)
        return .updated(old: known, new: object)
    }

    private mutating func set(_ key: String, _ object: T?) {
        for name in indexes.keys { indexes[name]?.change(from: objects[key], to: object) }
        objects[key] = object
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
