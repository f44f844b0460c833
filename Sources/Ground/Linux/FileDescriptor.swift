import CLinux

/// An open file, pipe or socket. The value owns it: it is closed when the value goes, and can't be copied.
public struct FileDescriptor: ~Copyable, Sendable {
    public let raw: Int32

    /// Takes over `raw`, which nobody else may close from now on.
    public init(owning raw: Int32) { self.raw = raw }

    deinit { close(raw) }

    /// Gives the descriptor away without closing it.
    public consuming func release() -> Int32 {
        let raw = self.raw
        discard self
        return raw
    }

    /// Closes it now: whoever reads the other end of a pipe sees the end of the file and goes on.
    public consuming func hangUp() {}

    /// open(2). `O_CLOEXEC` is always set: a descriptor crosses an exec only where it is meant to.
    public static func open(
        _ path: String, _ flags: Int32 = O_RDONLY, mode: mode_t = 0o644
    ) throws(SystemError) -> FileDescriptor {
        FileDescriptor(
            owning: try check("open \(path)") { clinux_open(path, flags | O_CLOEXEC, mode) })
    }

    /// One read(2) of at most `count` bytes. Empty means the end of the file.
    public borrowing func read(upTo count: Int) throws(SystemError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let raw = self.raw
        let got = try check("read") { CLinux.read(raw, &buffer, count) }
        buffer.removeLast(count - got)
        return buffer
    }

    /// Everything up to the end of the file.
    public borrowing func readToEnd() throws(SystemError) -> [UInt8] {
        // Small at first: most files read here are, and a big buffer costs more than their reading.
        var size = 4096
        var all: [UInt8] = []
        while true {
            let chunk = try read(upTo: size)
            if chunk.isEmpty { return all }
            all += chunk
            size = min(2 * size, 1 << 20)
        }
    }

    /// Writes all of `bytes`, with as many write(2) as it takes.
    public borrowing func write(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        let raw = self.raw
        while !rest.isEmpty {
            let wrote = try check("write") {
                rest.withUnsafeBytes { CLinux.write(raw, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(wrote)
        }
    }
}

/// pipe2(2): what is written into `write` is read from `read`.
public struct Pipe: ~Copyable, Sendable {
    public let read: FileDescriptor
    public let write: FileDescriptor

    public init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try check("pipe") { clinux_pipe2(&ends, O_CLOEXEC) }
        read = FileDescriptor(owning: ends[0])
        write = FileDescriptor(owning: ends[1])
    }

    /// Keeps the reading end and closes the other.
    public consuming func intoRead() -> FileDescriptor { read }
    /// Keeps the writing end and closes the other.
    public consuming func intoWrite() -> FileDescriptor { write }
}

/// socketpair(2): two connected unix stream sockets.
public struct SocketPair: ~Copyable, Sendable {
    public let ours: FileDescriptor
    public let theirs: FileDescriptor

    public init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        try check("socketpair") { socketpair(AF_UNIX, kind, 0, &ends) }
        ours = FileDescriptor(owning: ends[0])
        theirs = FileDescriptor(owning: ends[1])
    }

    /// Keeps our end and closes theirs.
    public consuming func intoOurs() -> FileDescriptor { ours }
}
