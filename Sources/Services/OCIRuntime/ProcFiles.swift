import Contract
import Linux

/// Writes to files of /proc that are known to be the kernel's.
///
/// A volume that was mounted over /proc or over a part of it would take these writes as root's to wherever its links
/// lead (CVE-2019-16884, CVE-2025-52881). So /proc has to be the root of a procfs, and no mount and no link that jumps
/// is crossed below it.
struct ProcFiles: ~Copyable {
    private let root: FileDescriptor
    private static let magic = 0x9fa0
    private static let rootInode: UInt = 1

    init() throws {
        let file = try FileDescriptor.open("/proc", CLINUX_PATH | O_DIRECTORY)
        guard Self.isProc(file.raw) else { throw RuntimeFailure("/proc is no procfs") }
        root = file
    }

    /// Whether a descriptor is of something in a procfs.
    static func isIn(_ descriptor: Int32) -> Bool {
        var system = statfs()
        return fstatfs(descriptor, &system) == 0 && Int(system.f_type) == magic
    }

    /// Whether it is of a procfs's root.
    static func isProc(_ descriptor: Int32) -> Bool {
        var info = stat()
        return isIn(descriptor) && fstat(descriptor, &info) == 0 && UInt(info.st_ino) == rootInode
    }

    /// - Parameter path: below /proc.
    borrowing func write(_ path: RelativePath, _ text: String) throws(SystemError) {
        let file = try open(path, O_WRONLY)
        let raw = file.raw
        let bytes = Array(text.utf8)
        try check("write \"\(text)\" to /proc/\(path)") { CLinux.write(raw, bytes, bytes.count) }
    }

    borrowing func read(_ path: RelativePath) throws(SystemError) -> String {
        String(decoding: try open(path, O_RDONLY).readToEnd(), as: UTF8.self)
    }

    private borrowing func open(
        _ path: RelativePath, _ flags: Int32
    ) throws(SystemError) -> FileDescriptor {
        let raw = root.raw
        let resolve =
            CLINUX_RESOLVE_BENEATH | CLINUX_RESOLVE_NO_XDEV | CLINUX_RESOLVE_NO_MAGICLINKS
        return FileDescriptor(
            owning: try check("open /proc/\(path)") {
                path.withCString { clinux_open_resolving(raw, $0, flags | O_CLOEXEC, 0, resolve) }
            })
    }
}

/// `self/oom_score_adj`: for names that are written in the code.
func procPath(_ text: String) -> RelativePath { RelativePath(text)! }

/// /dev/null, known by its numbers and not by its name: what an image has there may be anything (CVE-2025-31133).
enum NullDevice {
    static func isIt(_ info: stat) -> Bool {
        info.type == S_IFCHR && info.st_rdev == clinux_makedev(1, 3)
    }

    /// Opens the container's own.
    static func open() throws -> FileDescriptor {
        // Whatever it is, it neither makes us wait nor becomes our terminal.
        let flags = O_RDWR | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK
        var info = stat()
        guard let file = try? FileDescriptor.open("/dev/null", flags), fstat(file.raw, &info) == 0,
            isIt(info)
        else {
            throw RuntimeFailure(
                "/dev/null of the container is no null device: mount a tmpfs on /dev")
        }
        return file
    }

    /// Where standard input, output or error is the host's /dev/null, the container gets its own: what is done to
    /// the open file of the host (fchmod(2), fchown(2)) would be done to everybody's.
    static func replaceTheHosts() throws {
        for descriptor: Int32 in 0...2 {
            var info = stat()
            guard fstat(descriptor, &info) == 0, isIt(info) else { continue }
            let own = try open()
            try check("dup2") { dup2(own.raw, descriptor) }
        }
    }
}
