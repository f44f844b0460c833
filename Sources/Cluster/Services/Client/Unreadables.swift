import ClientRules
import Linux
import Logging
import Objects

/// Names in the log what can't be read, each object once: see `Unreadable`.
final class UnreadableLog: Sendable {
    private let logger = Logger(label: "client")
    private let lock = Lock()
    nonisolated(unsafe) private var named = NamedOnce()  // guarded by `lock`

    func name(_ object: Unreadable, of kind: String) {
        let isNews = lock.hold { named.isNews(object, of: kind) }
        if isNews { logger.warning("\(kind) \(object); going on without it") }
    }
}

/// What every object has, whatever its kind: enough for who follows all kinds at once.
///
/// The whole object comes over the wire, and only this is read of it: for the API server that is a copy of stored
/// bytes, where picking out the metadata would cost it a parse for each such watcher.
public struct ObjectMetadata: KubernetesObject, Hashable {
    /// No kind's: name the kind where you list or watch.
    public static let resource = Resource(
        group: "meta.k8s.io", plural: "", kind: "PartialObjectMetadata")
    public var metadata: ObjectMeta

    public init(metadata: ObjectMeta) { self.metadata = metadata }
}
