import Linux

struct Failed: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The built server, running on a port of loopback that the kernel chose.
final class WebServer {
    let child: Child
    let port: UInt16
    private let log: FileDescriptor
    private var ended = false

    /// Where SwiftPM puts the programs: beside the tests.
    static let program: String = {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes {
            readlink("/proc/self/exe", $0.baseAddress!, $0.count)
        }
        let path = String(decoding: buffer.prefix(max(0, length)), as: UTF8.self)
        let own = "\(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])/web"
        if Files.exists(own) { return own }
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(root)/.build/debug/web"
    }()

    init(version: String = "v1", environment: [String] = []) throws {
        let pipe = try Pipe()
        child = try Child.spawn(
            Self.program, ["web", "--version", version, "--port", "0"],
            environment: ["HOSTNAME=pod-1"] + environment, descriptors: [2: pipe.write.raw])
        log = pipe.intoRead()
        let line = String(decoding: try log.read(upTo: 4096), as: UTF8.self)
        let digits = line.reversed().drop { !$0.isNumber }.prefix { $0.isNumber }.reversed()
        guard let port = UInt16(String(digits)) else { throw Failed("no port in: \(line)") }
        self.port = port
    }

    deinit {
        if !ended {
            child.signal(SIGKILL)
            _ = try? child.wait()
        }
    }

    func wait() throws -> Child.Ending {
        ended = true
        return try child.wait()
    }

    func connect() throws -> Client { try Client(self) }

    /// One request on a connection of its own: status line and body.
    func get(_ target: String) throws -> (status: Int, body: String) {
        let answer = try connect().ask("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
        return (answer.status, answer.body)
    }
}

/// A client that says exactly what it is told to.
final class Client {
    private let descriptor: FileDescriptor
    private var received: [UInt8] = []
    /// Kept, so that it is not ended while somebody may still ask it.
    private let server: WebServer

    init(_ server: WebServer) throws {
        self.server = server
        let raw = try check("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        descriptor = FileDescriptor(owning: raw)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(raw, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        try check("connect") { clinux_connect(raw, "127.0.0.1", server.port) }
    }

    struct Answer {
        let status: Int
        let head: String
        let body: String
        var closes: Bool { head.contains("Connection: close") }
    }

    func say(_ text: String) throws {
        let bytes = Array(text.utf8)
        let raw = descriptor.raw
        let sent = try check("send") { send(raw, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
        guard sent == bytes.count else { throw Failed("sent \(sent) of \(bytes.count)") }
    }

    func ask(_ text: String) throws -> Answer {
        try say(text)
        return try answer()
    }

    func answer(hasBody: Bool = true) throws -> Answer {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            let parts = text.components(parting: "\r\n\r\n")
            if parts.count > 1 {
                let head = parts[0]
                let words = head.split(separator: " ")
                let length = hasBody ? Self.length(head) : 0
                if parts[1].utf8.count >= length, let status = Int(words[1]) {
                    let body = String(decoding: parts[1].utf8.prefix(length), as: UTF8.self)
                    received.removeFirst(head.utf8.count + 4 + length)
                    return Answer(status: status, head: head, body: body)
                }
            }
            let chunk = try descriptor.read(upTo: 65536)
            guard !chunk.isEmpty else { throw Failed("closed before the answer, after: \(text)") }
            received += chunk
        }
    }

    /// True when the server has closed, and said no more.
    func isClosed() throws -> Bool { try received.isEmpty && descriptor.read(upTo: 1).isEmpty }

    private static func length(_ head: String) -> Int {
        let line = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        return line.flatMap { Int($0.dropFirst(16)) } ?? 0
    }
}

extension String {
    /// Head and rest, parted at the first `mark`; the whole where it is missing.
    func components(parting mark: String) -> [String] {
        let (text, mark) = (Array(utf8), Array(mark.utf8))
        for start in text.indices where text[start...].starts(with: mark) {
            return [text[..<start], text[(start + mark.count)...]]
                .map { String(decoding: $0, as: UTF8.self) }
        }
        return [self]
    }
}
