import AsyncHTTPClient
import JSON
import Kinds
import NIOCore
import NIOHTTP1
import NIOSSL

/// Calls kubelets over TLS, with the API server's own client certificate: they answer nobody else.
public final class Kubelets: Sendable {
    let client: HTTPClient

    /// - Parameter pki: the directory of certificates.
    public init(pki: String) throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file("\(pki)/ca.crt")
        tls.certificateChain = try NIOSSLCertificate.fromPEMFile(
            "\(pki)/apiserver-kubelet-client.crt"
        )
        .map { .certificate($0) }
        tls.privateKey = .privateKey(
            try NIOSSLPrivateKey(file: "\(pki)/apiserver-kubelet-client.key", format: .pem))
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.timeout.connect = .seconds(3)
        configuration.httpVersion = .http1Only
        client = HTTPClient(
            eventLoopGroupProvider: .shared(.singletonMultiThreadedEventLoopGroup),
            configuration: configuration)
    }

    public func shutdown() async { try? await client.shutdown() }

    /// Asks one kubelet.
    /// - Parameter path: with its query, from the slash on.
    func get(_ node: JSON, _ path: String) async throws -> HTTPClientResponse {
        guard let address = Self.address(of: node) else {
            throw StatusError.internalError("node \(node.name) has no address")
        }
        let url = "https://\(address)\(path)"
        do {
            // For the head alone: a followed log ends when the container does, or the reader.
            return try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StatusError.internalError("Get \"\(url)\": \(error)")
        }
    }

    /// The address and port that a node object names; nil where they are none. Both are text that a
    /// node wrote, and end in a URL that is asked with this server's certificate: nothing but four
    /// numbers and a port may get there.
    static func address(of node: JSON) -> String? {
        let addresses = node.at("status", "addresses")?.array ?? []
        let port = node.at("status", "daemonEndpoints", "kubeletEndpoint", "Port")?.int ?? 10250
        let text = addresses.first { $0["type"] == "InternalIP" }?["address"]?.string
        guard let number = AddressRange.number(text ?? ""), (1...65535).contains(port) else {
            return nil
        }
        return "\(AddressRange.text(number)):\(port)"
    }

    /// The whole body of a short answer, as JSON.
    func json(_ node: JSON, _ path: String, bytesMax: Int = 8 << 20) async throws -> JSON {
        let response = try await get(node, path)
        let body = try await response.body.collect(upTo: bytesMax)
        guard response.status == .ok else {
            throw StatusError.internalError(
                "kubelet \(node.name) answered \(response.status.code) to \(path)")
        }
        return try JSON(parsing: Array(body.readableBytesView))
    }
}
