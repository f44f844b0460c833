import FoundationEssentials
import JSON
import Linux

/// Where the API server is and who we are there: what a kubeconfig's current context says.
///
/// The kit writes kubeconfigs as JSON, which is YAML too, so stock `kubectl` reads the same file.
public struct Kubeconfig: Sendable {
    /// `https://10.88.0.1:6443`, without a slash at the end.
    public var server: String
    /// PEM; nil where the system's own authorities are to be trusted.
    public var certificateAuthority: [UInt8]?
    /// PEM: our certificate and its key; nil where we come without.
    public var clientCertificate: [UInt8]?
    public var clientKey: [UInt8]?
    public var token: String?

    /// - Throws: `KubeconfigError`, which names the file and what is missing in it.
    public init(path: String) throws {
        let bytes: [UInt8]
        do { bytes = try Files.read(path) } catch { throw KubeconfigError(path, "\(error)") }
        let tree: JSON
        do { tree = try JSON(parsing: bytes) } catch {
            throw KubeconfigError(path, "not JSON: \(error)")
        }
        try self.init(tree: tree, path: path)
    }

    /// - Parameter path: the file that the tree came from; files it names are relative to its directory.
    init(tree: JSON, path: String) throws {
        let context = try Self.named(
            tree["current-context"]?.string, in: tree["contexts"], part: "context", path)
        let cluster = try Self.named(
            context["cluster"]?.string, in: tree["clusters"], part: "cluster", path)
        let user = try Self.named(context["user"]?.string, in: tree["users"], part: "user", path)
        guard let server = cluster["server"]?.string else {
            throw KubeconfigError(path, "the cluster has no server")
        }
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        certificateAuthority = try Self.pem("certificate-authority", in: cluster, path)
        clientCertificate = try Self.pem("client-certificate", in: user, path)
        clientKey = try Self.pem("client-key", in: user, path)
        token = user["token"]?.string
    }

    /// The entry called `name` of a list such as `clusters: [{name: …, cluster: {…}}]`.
    private static func named(
        _ name: String?, in list: JSON?, part: String, _ path: String
    ) throws -> JSON {
        guard let name else { throw KubeconfigError(path, "no \(part) is chosen") }
        let entry = list?.array?.first { $0["name"]?.string == name }
        guard let value = entry?[part] else {
            throw KubeconfigError(path, "there is no \(part) \"\(name)\"")
        }
        return value
    }

    /// `certificate-authority-data` (base64) counts before `certificate-authority` (a file), as in kubectl.
    private static func pem(_ name: String, in entry: JSON, _ path: String) throws -> [UInt8]? {
        if let text = entry["\(name)-data"]?.string, !text.isEmpty {
            guard let data = Data(base64Encoded: text) else {
                throw KubeconfigError(path, "\(name)-data is not base64")
            }
            return Array(data)
        }
        guard let file = entry[name]?.string, !file.isEmpty else { return nil }
        let directory = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let full = file.hasPrefix("/") ? file : (directory + [file[...]]).joined(separator: "/")
        do { return try Files.read(full) } catch {
            throw KubeconfigError(path, "\(name): \(error)")
        }
    }
}

/// What is wrong with a kubeconfig.
public struct KubeconfigError: Error, CustomStringConvertible {
    let path: String
    let problem: String
    init(_ path: String, _ problem: String) { (self.path, self.problem) = (path, problem) }
    public var description: String { "kubeconfig \(path): \(problem)" }
}
