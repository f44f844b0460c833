import CLinux

/// Whole files and directories by path, for programs that do without Foundation.
public enum Files {
    public static func read(_ path: String) throws(SystemError) -> [UInt8] {
        let file = try FileDescriptor.open(path)
        do { return try file.readToEnd() } catch { throw SystemError("read \(path)", error.errno) }
    }

    public static func readText(_ path: String) throws(SystemError) -> String {
        String(decoding: try read(path), as: UTF8.self)
    }

    /// Creates or replaces the file's content in place. For control files of /proc and /sys too.
    public static func write(_ text: String, to path: String, mode: mode_t = 0o644)
        throws(SystemError)
    {
        let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        do { try file.write(Array(text.utf8)) } catch {
            throw SystemError("write \(path)", error.errno)
        }
    }

    /// Replaces a file so that a reader, or a crash, sees the old content or the new and nothing between.
    public static func writeAtomically(
        _ bytes: [UInt8], to path: String, mode: mode_t = 0o644
    ) throws(SystemError) {
        let temporary = "\(path).\(getpid()).new"
        do {
            let file = try FileDescriptor.open(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
            try file.write(bytes)
            let raw = file.raw
            try check("fsync") { fsync(raw) }
        } catch { throw SystemError("write \(temporary)", error.errno) }
        try check("rename \(temporary) to \(path)") { rename(temporary, path) }
    }

    /// Makes a directory that nobody else has (mkdtemp(3)), readable by its owner alone.
    /// - Parameter prefix: what its path begins with: `/tmp/drydock-03-`.
    /// - Returns: its path; who asked for it removes it.
    public static func makeTemporaryDirectory(prefix: String) throws(SystemError) -> String {
        var path = Array("\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&path) != nil else { throw SystemError("mkdtemp \(prefix)XXXXXX", .current) }
        return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// When a file was last written to, in nanoseconds since 1970; nil where there is no such file.
    public static func modified(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }

    /// readlink(2): what a symbolic link says; nil where there is none.
    public static func linkTarget(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { bytes in
            readlink(path, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return length < 0 ? nil : String(decoding: buffer.prefix(length), as: UTF8.self)
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// mkdir -p. A directory that is there already is fine.
    public static func makeDirectories(_ path: String, mode: mode_t = 0o755) throws(SystemError) {
        guard let names = RelativePath(path) else { throw SystemError("mkdir \(path)", .invalid) }
        for names in names.prefixes {
            let prefix = path.isAbsolutePath ? names.absolute : "\(names)"
            if mkdir(prefix, mode) == -1 {
                let errno = Errno.current
                // A read-only or foreign directory on the way answers EROFS or EACCES though it exists.
                if !exists(prefix) { throw SystemError("mkdir \(prefix)", errno) }
            }
        }
    }

    /// The names in a directory, sorted, without `.` and `..`.
    public static func list(_ path: String) throws(SystemError) -> [String] {
        guard let directory = opendir(path) else {
            throw SystemError("open directory \(path)", .current)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    public static func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && Int32(info.st_mode) & S_IFMT == S_IFDIR
    }

    /// rm -r. Nothing there is fine. Never follows a symbolic link, nor goes into a mount: that is an error.
    public static func removeTree(_ path: String) throws(SystemError) {
        guard let names = RelativePath(path), let last = names.last, !last.isParent else {
            throw SystemError("remove \(path)", .invalid)
        }
        let parent = path.isAbsolutePath ? names.parent.absolute : "./\(names.parent)"
        do { try Directory(parent).removeTree(last) } catch {
            // Nothing can be where its directory is not.
            if error.errno != .noEntry {
                throw SystemError("\(error.call) in \(path)", error.errno)
            }
        }
    }
}
