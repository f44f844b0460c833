import JSON
import Objects

/// One change that the API server reports.
public enum WatchEvent<T: KubernetesObject>: Sendable {
    case added(T)
    case modified(T)
    case deleted(T)
    /// Nothing changed up to this resourceVersion.
    case bookmark(String)
    /// Something happened to an object that can't be read.
    case unreadable(Unreadable, isDeleted: Bool)
}

extension WatchEvent {
    /// - Parameter line: `{"type":"ADDED","object":{…}}`.
    /// - Throws: `APIError` where the server says that the watch is over.
    public init(parsing line: [UInt8]) throws {
        let event = try JSON(parsing: line)
        let object = event["object"] ?? .null
        switch event["type"]?.string {
        case "ADDED": self = Self.read(object) { .added($0) }
        case "MODIFIED": self = Self.read(object) { .modified($0) }
        case "DELETED": self = Self.read(object, isDeleted: true) { .deleted($0) }
        case "BOOKMARK":
            self = .bookmark(object.at("metadata", "resourceVersion")?.string ?? "")
        case "ERROR": throw APIError(status: object, code: object["code"]?.int ?? 500)
        default:
            throw APIError(
                code: 500, reason: "InternalError",
                message: "a watch event of unknown type: \(event["type"]?.text ?? "none")")
        }
    }

    private static func read(
        _ object: JSON, isDeleted: Bool = false, _ event: (T) -> Self
    ) -> Self {
        do { return event(try object.decode()) } catch {
            return .unreadable(Unreadable(object, because: error), isDeleted: isDeleted)
        }
    }
}
