import Linux

/// Names of containers that have ended, as their shims write the exit files: inotify(7) on one
/// directory.
enum ExitWatch {
    static func ended(in directory: String) throws -> AsyncStream<String> {
        let descriptor = try check("inotify") { inotify_init1(Int32(IN_CLOEXEC)) }
        try check("watch \(directory)") {
            inotify_add_watch(descriptor, directory, UInt32(IN_MOVED_TO))
        }
        return AsyncStream { continuation in
            startThread {
                var buffer = [UInt8](repeating: 0, count: 16 << 10)
                while true {
                    let got = read(descriptor, &buffer, buffer.count)
                    if got < 0, Errno.current == .interrupted { continue }
                    if got <= 0 { break }
                    for name in names(in: buffer[..<got]) { continuation.yield(name) }
                }
                continuation.finish()
            }
        }
    }

    /// The names in a sequence of `struct inotify_event`: 16 bytes, the last four the name's length
    /// with its padding zeros, then the name.
    private static func names(in events: ArraySlice<UInt8>) -> [String] {
        var names: [String] = []
        var rest = events
        while rest.count >= 16 {
            let lengthBytes = rest.dropFirst(12).prefix(4)
            let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
            let name = rest.dropFirst(16).prefix(length).prefix { $0 != 0 }
            names.append(String(decoding: name, as: UTF8.self))
            rest = rest.dropFirst(16 + length)
        }
        return names.filter { !$0.hasSuffix(".new") }
    }
}
