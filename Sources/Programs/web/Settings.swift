import Linux

/// What the server is told by its command line, its environment and the image.
struct Settings {
    var version = "unknown"
    var podName = ""
    var port: UInt16 = 8080
    /// How long it goes on taking new connections after SIGTERM.
    var drainMilliseconds = 3000

    static let usage = """
        usage: web [--port 8080] [--version v1 | --version-file FILE] [--drain-seconds 3]
               or PORT, WEB_VERSION, DRAIN_SECONDS in the environment
        example: web --port 8080 --version v1
        """

    struct Wrong: Error, CustomStringConvertible { let description: String }

    /// The command line goes before the environment, the environment before the file.
    init(_ arguments: [String], environment: (String) -> String?) throws {
        var rest = arguments[...]
        var given: [String: String] = [:]
        while let name = rest.popFirst() {
            guard ["--version-file", "--version", "--port", "--drain-seconds"].contains(name),
                let value = rest.popFirst()
            else {
                throw Wrong(description: "\"\(name)\":\n\(Self.usage)")
            }
            given[name] = value
        }
        if let version = given["--version"] ?? environment("WEB_VERSION") {
            self.version = version
        } else if let file = given["--version-file"] {
            version = String(try Files.readText(file).prefix { !$0.isNewline })
        }
        podName = environment("HOSTNAME") ?? hostName()
        if let text = given["--port"] ?? environment("PORT") {
            guard let port = UInt16(text) else {
                throw Wrong(description: "port \"\(text)\" is no port")
            }
            self.port = port
        }
        if let text = given["--drain-seconds"] ?? environment("DRAIN_SECONDS") {
            guard let seconds = Double(text), (0...3600).contains(seconds) else {
                throw Wrong(description: "drain seconds \"\(text)\" are no number from 0 to 3600")
            }
            drainMilliseconds = Int(seconds * 1000)
        }
    }
}

func hostName() -> String {
    var name = [UInt8](repeating: 0, count: 256)
    _ = name.withUnsafeMutableBytes { gethostname($0.baseAddress!, $0.count - 1) }
    return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
}
