/// The head of one HTTP/1.x request, as far as this server reads it.
/// Source: RFC 9112.
struct Request: Equatable {
    var method: String
    /// Without the query.
    var path: String
    var query: String
    /// The client wants the connection kept: the default of HTTP/1.1, asked for in 1.0.
    var keepsAlive: Bool
    /// It has a body, which nothing here reads.
    var hasBody: Bool

    static let headBytesMax = 16 << 10

    enum Parsed: Equatable {
        /// The head has not come as a whole yet.
        case incomplete
        /// A request, and how many bytes its head took.
        case request(Request, length: Int)
        /// Not HTTP, or more than is read: the status to answer with before closing.
        case refused(status: Int)
    }

    static func parse(_ bytes: [UInt8]) -> Parsed {
        guard let end = endOfHead(bytes) else {
            return bytes.count > headBytesMax ? .refused(status: 431) : .incomplete
        }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        // "\r\n" is one Character to Swift, and a newline like "\n".
        let lines = head.split(whereSeparator: \.isNewline)
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
            return .refused(status: 400)
        }
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var request = Request(
            method: String(words[0]), path: String(target[0]),
            query: target.count > 1 ? String(target[1]) : "",
            keepsAlive: words[2] == "HTTP/1.1", hasBody: false)
        for line in lines.dropFirst() { request.read(header: line) }
        return .request(request, length: end)
    }

    private mutating func read(header line: Substring) {
        guard let colon = line.firstIndex(of: ":") else { return }
        let name = line[..<colon].lowercased()
        let value = line[line.index(after: colon)...].lowercased().filter {
            $0 != " " && $0 != "\t"
        }
        switch name {
        case "connection":
            let wishes = value.split(separator: ",")
            if wishes.contains("close") { keepsAlive = false }
            if wishes.contains("keep-alive") { keepsAlive = true }
        case "content-length": hasBody = value != "0"
        case "transfer-encoding": hasBody = true
        default: break
        }
    }

    /// The index after the empty line.
    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count where bytes[index] == 10 {
            if bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 {
                return index + 1
            }
        }
        return nil
    }

    /// The whole number that the query has under `name`.
    func number(_ name: String) -> Int? {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == name { return Int(parts[1]) }
        }
        return nil
    }
}
