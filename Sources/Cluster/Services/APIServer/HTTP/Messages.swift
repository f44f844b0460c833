import JSON
import Kinds
import NIOCore
import NIOHTTP1

/// A whole request: the API's bodies are small, so none is streamed in.
struct Request: Sendable {
    var method: String
    /// As it was sent, still encoded: fit for a log.
    var uri: String
    /// The path's parts, percent-decoded: `["api", "v1", "pods"]`.
    var path: [String]
    var query: Query
    var headers: HTTPHeaders
    var body: [UInt8]
    /// Who is asking, as the connection's certificate says; nil for a connection without one.
    var certificate: CertificateName?
    var connection: Connection

    func header(_ name: String) -> String? { headers.first(name: name) }
    var accept: String { headers[canonicalForm: "accept"].joined(separator: ",") }
}

/// A client certificate's subject.
struct CertificateName: Hashable, Sendable {
    var commonName: String
    var organizations: [String]
}

/// The connection that a request came by.
struct Connection: Sendable {
    let channel: any Channel

    /// Calls `body` when the peer has gone, at once if it has already.
    func whenClosed(_ body: @escaping @Sendable () -> Void) {
        channel.closeFuture.whenComplete { _ in body() }
    }
}

struct Response: Sendable {
    enum Body: Sendable {
        case bytes([UInt8])
        /// Chunks as they come. Returning ends the response; throwing cuts the connection.
        case stream(@Sendable (BodyWriter) async throws -> Void)
    }

    var status: Int
    var headers: [(String, String)] = []
    var body: Body = .bytes([])

    static func json(_ value: JSON, status: Int = 200, type: String = "application/json")
        -> Response
    {
        Response(
            status: status, headers: [("Content-Type", type)], body: .bytes(value.bytes + [0x0A]))
    }

    static func text(_ text: String, status: Int = 200) -> Response {
        Response(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8")],
            body: .bytes(Array(text.utf8)))
    }

    static func failure(_ error: StatusError) -> Response {
        var response = json(error.status, status: error.code)
        if error.code == 401 { response.headers.append(("WWW-Authenticate", "Bearer")) }
        return response
    }
}

/// Where a streamed body goes.
struct BodyWriter: Sendable {
    let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    /// Sends one chunk. Waits while the peer reads slowly.
    /// - Throws: when the peer has gone.
    func write(_ bytes: [UInt8]) async throws {
        try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
    }
    func write(_ buffer: ByteBuffer) async throws {
        try await outbound.write(.body(.byteBuffer(buffer)))
    }
}

/// The part of a URL after the question mark. A name may come several times.
struct Query: Sendable {
    private(set) var items: [(name: String, value: String)] = []

    init(_ text: Substring) {
        for item in text.split(separator: "&") {
            let halves = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = halves.count == 2 ? percentDecoded(halves[1], plusIsSpace: true) : ""
            items.append((percentDecoded(halves[0], plusIsSpace: true), value))
        }
    }

    subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }
    func flag(_ name: String) -> Bool { self[name] == "true" || self[name] == "1" }
}

/// Undoes percent-encoding; a percent sign that begins none stays.
func percentDecoded(_ text: Substring, plusIsSpace: Bool = false) -> String {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
        return String(text)
    }
    var out: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
            out.append(value)
            rest = rest.dropFirst(2)
        } else {
            out.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
        }
    }
    return String(decoding: out, as: UTF8.self)
}
