/// The command line of `shim`, read without a library: it starts once per container.
struct Options {
    /// The OCI runtime's program, and its `--root`.
    var runtime = ""
    var root = ""
    var bundle = ""
    var id = ""
    /// Container output goes here, in the format that CRI asks for.
    var log = ""
    /// A log of this many bytes is set aside as `LOG.1` and a new one begun.
    var logBytesMax = 10 << 20
    /// Written once, when the container's first process has ended.
    var exitFile = ""
    /// Where the runtime writes the pid of the container's first process.
    var pidFile = ""

    static let usage = """
        usage: shim --runtime PATH --root DIR --bundle DIR --id ID --log FILE --exit-file FILE
                    [--pid-file FILE] [--log-bytes-max N]
               shim pin --dir DIR --hostname NAME [--pid yes] [--sysctl NAME=VALUE] …

        Creates a container through an OCI runtime and stays with it: keeps its log, waits for its end.
        Prints the pid of the container's first process once `RUNTIME create` is done. `shim pin` makes a
        pod's namespaces and keeps them at DIR/net, DIR/ipc, DIR/uts and, if asked, DIR/pid.
        example: shim --runtime /usr/sbin/runc --root /run/r --bundle /b --id c1 --log /l --exit-file /e
        """

    init(_ arguments: [String]) throws(Refusal) {
        var flags = try Flags(arguments)
        runtime = try flags.take("runtime")
        root = try flags.take("root")
        bundle = try flags.take("bundle")
        id = try flags.take("id")
        log = try flags.take("log")
        exitFile = try flags.take("exit-file")
        pidFile = try flags.take("pid-file", else: "\(bundle)/pid")
        let bytes = try flags.take("log-bytes-max", else: "\(logBytesMax)")
        guard let bytesMax = Int(bytes), bytesMax > 0 else {
            throw Refusal("--log-bytes-max \(bytes): not a number of bytes")
        }
        logBytesMax = bytesMax
        try flags.end()
    }
}

/// Why the shim would not do what it was asked: one sentence.
struct Refusal: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// `--name value` pairs.
struct Flags {
    private var values: [(name: String, value: String)] = []

    init(_ arguments: [String]) throws(Refusal) {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            guard flag.hasPrefix("--"), let value = rest.popFirst() else {
                throw Refusal("\(flag): expected --NAME VALUE")
            }
            values.append((String(flag.dropFirst(2)), value))
        }
    }

    mutating func take(_ name: String, else standard: String? = nil) throws(Refusal) -> String {
        if let index = values.lastIndex(where: { $0.name == name }) {
            return values.remove(at: index).value
        }
        guard let standard else { throw Refusal("--\(name) is missing") }
        return standard
    }

    /// All values of a flag that may come several times.
    mutating func takeAll(_ name: String) -> [String] {
        defer { values.removeAll { $0.name == name } }
        return values.filter { $0.name == name }.map(\.value)
    }

    func end() throws(Refusal) {
        if let first = values.first { throw Refusal("--\(first.name): no such option") }
    }
}
