import JSON
import NIOCore
import NIOHTTP1

/// A whole request: the API's bodies are small, so none is streamed in.
public struct Request: Sendable {
    public var method: String
    /// As it was sent, still encoded: fit for a log.
    public var uri: String
    /// The path's parts, percent-decoded: `["api", "v1", "pods"]`.
    public var path: [String]
    public var query: Query
    public var headers: HTTPHeaders
    public var body: [UInt8]
    /// Who is asking, as the connection's certificate says; nil for a connection without one.
    public var certificate: CertificateName?
    public var connection: Connection

    public func header(_ name: String) -> String? { headers.first(name: name) }
    public var accept: String { headers[canonicalForm: "accept"].joined(separator: ",") }
}

/// A client certificate's subject.
public struct CertificateName: Hashable, Sendable {
    public var commonName: String
    public var organizations: [String]

    public init(commonName: String, organizations: [String]) {
        (self.commonName, self.organizations) = (commonName, organizations)
    }
}

/// The connection that a request came by.
public struct Connection: Sendable {
    let channel: any Channel

    /// Calls `body` when the peer has gone, at once if it has already.
    public func whenClosed(_ body: @escaping @Sendable () -> Void) {
        channel.closeFuture.whenComplete { _ in body() }
    }
}

public struct Response: Sendable {
    public enum Body: Sendable {
        case bytes([UInt8])
        /// Chunks as they come. Returning ends the response; throwing cuts the connection.
        case stream(@Sendable (BodyWriter) async throws -> Void)
    }

    public var status: Int
    public var headers: [(String, String)]
    public var body: Body

    public init(status: Int, headers: [(String, String)] = [], body: Body = .bytes([])) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    public static func json(_ value: JSON, status: Int = 200, type: String = "application/json")
        -> Response
    {
        Response(
            status: status, headers: [("Content-Type", type)], body: .bytes(value.bytes + [0x0A]))
    }

    public static func text(_ text: String, status: Int = 200) -> Response {
        Response(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8")],
            body: .bytes(Array(text.utf8)))
    }
}

/// Where a streamed body goes.
public struct BodyWriter: Sendable {
    let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    /// Sends one chunk. Waits while the peer reads slowly.
    /// - Throws: when the peer has gone.
    public func write(_ bytes: [UInt8]) async throws {
        try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes))))
    }
    public func write(_ buffer: ByteBuffer) async throws {
        try await outbound.write(.body(.byteBuffer(buffer)))
    }
}

/// The part of a URL after the question mark. A name may come several times.
public struct Query: Sendable {
    public private(set) var items: [(name: String, value: String)] = []

    public init(_ text: Substring) {
        for item in text.utf8.split(separator: UInt8(ascii: "&")) {
            let halves = item.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false
            ).map { percentDecoded(Substring($0), plusIsSpace: true) }
            items.append((halves[0], halves.count == 2 ? halves[1] : ""))
        }
    }

    public subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }
    public func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    /// Set by its name alone or any value but `false` and `0`.
    /// Source: apimachinery, pkg/runtime/conversion.go, Convert_Slice_string_To_bool.
    public func flag(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return value != "0" && value.lowercased() != "false"
    }
}

/// Undoes percent-encoding; a percent sign that begins none stays.
public func percentDecoded(_ text: Substring, plusIsSpace: Bool = false) -> String {
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

/// All but letters, digits and `-._~` as percent signs and hexadecimal digits: one part of a URL.
public func percentEncoded(_ text: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    let bytes = text.utf8.flatMap { byte in
        plain.contains(byte)
            ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return String(decoding: bytes, as: UTF8.self)
}
