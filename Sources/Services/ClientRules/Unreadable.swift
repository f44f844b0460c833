import JSON
import Objects

/// An object that was taken by the server and that this program can't read: which one, and why.
///
/// The others of its kind go on: one object of one user's must not stop what a program does for all.
public struct Unreadable: Error, Hashable, Sendable, CustomStringConvertible {
    /// `namespace/name`, or `name` where there are no namespaces.
    public let key: String
    public let uid: String
    public let resourceVersion: String
    /// `spec.volumes[0].hostPath: missing member path`
    public let reason: String

    public init(_ object: JSON, because error: any Error) {
        let metadata = object["metadata"]
        let name = metadata?["name"]?.string ?? ""
        key = metadata?["namespace"]?.string.map { "\($0)/\(name)" } ?? name
        uid = metadata?["uid"]?.string ?? ""
        resourceVersion = metadata?["resourceVersion"]?.string ?? ""
        reason = (error as? DecodingError).map(words) ?? "\(error)"
    }

    public var description: String { "\(key) can't be read: \(reason)" }
}

/// A decoding error as one line: the path of the member, and what is wrong with it.
private func words(_ error: DecodingError) -> String {
    let context: DecodingError.Context
    switch error {
    case .keyNotFound(_, let given), .typeMismatch(_, let given), .valueNotFound(_, let given),
        .dataCorrupted(let given):
        context = given
    @unknown default: return "\(error)"
    }
    let path = context.codingPath.reduce("") { path, key in
        if let index = key.intValue { return "\(path)[\(index)]" }
        return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
    }
    return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
}

/// A list as far as it can be read, item by item.
public struct Listing<T: KubernetesObject>: Sendable {
    public private(set) var items: [T] = []
    public private(set) var unreadable: [Unreadable] = []
    /// From where a watch goes on.
    public let resourceVersion: String

    public init(_ list: JSON) {
        resourceVersion = list.at("metadata", "resourceVersion")?.string ?? ""
        for item in list["items"]?.array ?? [] {
            do { items.append(try item.decode()) } catch {
                unreadable.append(Unreadable(item, because: error))
            }
        }
    }

    public init(_ items: [T], unreadable: [Unreadable] = [], resourceVersion: String) {
        (self.items, self.unreadable) = (items, unreadable)
        self.resourceVersion = resourceVersion
    }
}

/// Which unreadable objects have been named in the log: each once, and again when the reason is another.
public struct NamedOnce {
    public static let countMax = 1000
    private var reasons: [String: String] = [:]

    public init() {}

    /// - Parameter kind: the plural of the kind: `pods`.
    public mutating func isNews(_ object: Unreadable, of kind: String) -> Bool {
        if reasons.count >= Self.countMax { reasons = [:] }
        return reasons.updateValue(object.reason, forKey: "\(kind) \(object.key)") != object.reason
    }
}
