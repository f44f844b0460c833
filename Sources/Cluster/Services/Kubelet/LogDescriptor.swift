import Linux

/// An open log file, and whether the path has come to mean another one.
final class LogDescriptor {
    private let file: FileDescriptor
    private let inode: UInt

    init?(_ path: String) {
        guard let file = try? FileDescriptor.open(path) else { return nil }
        var info = stat()
        fstat(file.raw, &info)
        inode = UInt(info.st_ino)
        self.file = file
    }

    func rest() -> [UInt8] { (try? file.readToEnd()) ?? [] }

    func isReplaced(at path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && UInt(info.st_ino) != inode
    }
}
