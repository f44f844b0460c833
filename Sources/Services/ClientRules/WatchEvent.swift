import JSON
import Objects

/// One change that the API server reports.
public enum WatchEvent<T: KubernetesObject>: Sendable {
    case added(T)
    case modified(T)
    case deleted(T)
    /// Nothing changed up to this resourceVersion.
    case bookmark(String)
}

extension WatchEvent {
    /// - Parameter line: `{"type":"ADDED","object":{…}}`.
    public init(parsing line: [UInt8]) throws {
        let event = try JSON(parsing: line)
        let object = event["object"] ?? .null
        switch event["type"]?.string {
        case "ADDED": self = .added(try object.decode())
        case "MODIFIED": self = .modified(try object.decode())
        case "DELETED": self = .deleted(try object.decode())
        case "BOOKMARK":
            self = .bookmark(object.at("metadata", "resourceVersion")?.string ?? "")
        case "ERROR": throw APIError(status: object, code: object["code"]?.int ?? 500)
        default:
            throw APIError(
                code: 500, reason: "InternalError",
                message: "a watch event of unknown type: \(event["type"]?.text ?? "none")")
        }
    }
}
