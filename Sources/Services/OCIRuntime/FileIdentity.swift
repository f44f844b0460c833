import Contract
import Linux

/// A file by its device and inode, whatever it is called.
struct FileIdentity: Equatable {
    private let device: UInt
    private let inode: UInt

    /// Follows links. Nil where there is no such file.
    init?(_ path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        (device, inode) = (UInt(info.st_dev), UInt(info.st_ino))
    }

    /// Whether running `program` would run this file: by a link such as /proc/self/exe, or as the
    /// interpreter that the first line of a script names.
    func isRun(by program: String) throws -> Bool {
        var path = program
        // The kernel follows as many scripts that name scripts.
        for _ in 0..<5 {
            if FileIdentity(path) == self { return true }
            guard let interpreter = interpreter(of: path) else { return false }
            path = interpreter
        }
        return false
    }

    private func interpreter(of path: String) -> String? {
        guard let file = try? FileDescriptor.open(path), let start = try? file.read(upTo: 256),
            start.starts(with: Array("#!".utf8))
        else { return nil }
        let line = start.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        return line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.first
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
