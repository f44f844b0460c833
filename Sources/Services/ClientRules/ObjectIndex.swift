import Objects

/// Finds objects by something that they have: an owner, a node, a label. So a look at one owner costs as much
/// as that owner has, not as much as the cluster has.
public struct ObjectIndex<T: KubernetesObject>: Sendable {
    /// Under which values an object is to be found.
    public typealias Values = @Sendable (T) -> [String]

    private let valuesOf: Values
    private var keys: [String: Set<String>] = [:]

    public init(_ values: @escaping Values) { valuesOf = values }

    /// The keys of the objects with that value.
    public func keys(_ value: String) -> Set<String> { keys[value] ?? [] }

    /// The values under which anything is found, sorted.
    public var values: [String] { keys.keys.sorted() }

    /// One object became another; nil where there was or is none.
    mutating func change(from old: T?, to new: T?) {
        let (before, after) = (old.map(valuesOf) ?? [], new.map(valuesOf) ?? [])
        if let old, before != after {
            for value in before {
                keys[value]?.remove(old.key)
                if keys[value]?.isEmpty == true { keys[value] = nil }
            }
        }
        if let new, before != after {
            for value in after { keys[value, default: []].insert(new.key) }
        }
    }
}

extension ObjectIndex where T == Pod {
    /// By the UID of the controller; a pod without one by `/` and its namespace.
    public static var byController: Self {
        Self { [$0.metadata.controller?.uid ?? orphans(in: $0.metadata.namespace)] }
    }

    /// By the node that it is bound to.
    public static var byNode: Self { Self { $0.spec.nodeName.map { [$0] } ?? [] } }

    /// By namespace and each label: see `labelValue`.
    public static var byLabel: Self {
        Self { pod in
            (pod.metadata.labels ?? [:]).map { label, value in
                labelValue(pod.metadata.namespace, label, value)
            }
        }
    }
}

extension ObjectIndex where T == ReplicaSet {
    /// By the UID of the controller; a set without one by `/` and its namespace.
    public static var byController: Self {
        Self { [$0.metadata.controller?.uid ?? orphans(in: $0.metadata.namespace)] }
    }
}

/// Where the index by controller has what has none. No UID begins with a slash.
public func orphans(in namespace: String?) -> String { "/\(namespace ?? "")" }

/// Where the index by label has objects of that namespace with that label. No part of it can hold a newline.
public func labelValue(_ namespace: String?, _ label: String, _ value: String) -> String {
    "\(namespace ?? "")\n\(label)\n\(value)"
}
