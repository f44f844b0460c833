import Linux

/// One process at a time on a member's directory: flock(2), which ends with the process, however it ends.
struct DirectoryLock: ~Copyable {
    private let file: FileDescriptor

    /// - Throws: `StartError.directoryInUse` with who holds it.
    init(_ directory: String) throws {
        let path = "\(directory)/lock"
        let file = try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
        let raw = file.raw
        guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
            let errno = Errno.current
            guard errno == .tryAgain else { throw SystemError("lock \(path)", errno) }
            let words = (try? Files.readText(path)) ?? ""
            throw StartError.directoryInUse(
                directory, holder: words.isEmpty ? "another process" : words)
        }
        try check("write \(path)") { ftruncate(raw, 0) }
        try file.write(Array("process \(getpid())".utf8))
        self.file = file
    }

    /// Lets another process have the directory.
    consuming func end() {}
}
