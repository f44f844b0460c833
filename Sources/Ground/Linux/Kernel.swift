/// The system calls that isolate a container, by the names and argument orders of their man pages.
///
/// Three kernels answer to this protocol: `RealKernel` does what is asked; `RecordingKernel` writes
/// it down; the one at the far end of a part's pipe has the asking process do it. All three see a
/// call as a value, so a transcript, a test's expectation and a real call are the same thing.
public protocol Kernel {
    /// Carries out one call.
    /// - Throws: what the call answered, with errno.
    func perform(_ call: KernelCall) throws(SystemError) -> KernelResult
}

/// One system call and its arguments.
public enum KernelCall: Hashable, Sendable {
    case unshare(CloneFlags)
    case setns(Int32, CloneFlags)
    case fork
    case waitpid(Int32)
    case kill(Int32, Int32)
    case nanosleep(milliseconds: Int)
    case open(String)
    case close(Int32)
    case mount(source: String?, target: String, type: String?, MountFlags, data: String?)
    case umount2(String, UnmountFlags)
    case pivotRoot(newRoot: String, putOld: String)
    case chroot(String)
    case chdir(String)
    case fchdir(Int32)
    case sethostname(String)
    case mkdir(String, mode: UInt32)
    case rmdir(String)
    case mknod(String, mode: UInt32, device: UInt64)
    case symlink(target: String, path: String)
    case readFile(String)
    case writeFile(String, String)
    case getInterfaceFlags(String)
    case setInterfaceFlags(String, InterfaceFlags)
}

/// What a call gave back.
public enum KernelResult: Hashable, Sendable {
    case nothing
    case descriptor(Int32)
    case text(String)
    case flags(InterfaceFlags)
    /// A child that has ended.
    case ended(EndedChild)
}

/// A child that waitpid(2) has laid to rest.
public struct EndedChild: Codable, Hashable, Sendable {
    public var pid: Int32
    /// As a shell shows it: the exit status, or 128 and the number of the signal that ended it.
    public var code: Int32
    public init(pid: Int32, code: Int32) { (self.pid, self.code) = (pid, code) }
}

extension Kernel {
    /// unshare(2): leaves the named namespaces for new ones. A new PID namespace begins with the
    /// next child.
    public func unshare(_ flags: CloneFlags) throws(SystemError) {
        _ = try perform(.unshare(flags))
    }

    /// setns(2): enters the namespace that `descriptor` (an open /proc/PID/ns file) stands for.
    public func setns(_ descriptor: Int32, _ kind: CloneFlags) throws(SystemError) {
        _ = try perform(.setns(descriptor, kind))
    }

    /// fork(2), as `unshare --fork` uses it: the child goes on from here; the parent waits
    /// for its end and ends as it did.
    public func fork() throws(SystemError) { _ = try perform(.fork) }

    /// waitpid(2): waits until a child has ended, and lays it to rest. With -1 any child will do.
    /// - Throws: ECHILD where there is no such child.
    public func waitpid(_ pid: Int32) throws(SystemError) -> EndedChild {
        if case .ended(let child) = try perform(.waitpid(pid)) { return child }
        throw SystemError("\(KernelCall.waitpid(pid))", .noChild)
    }

    /// kill(2).
    public func kill(_ pid: Int32, _ signal: Int32) throws(SystemError) {
        _ = try perform(.kill(pid, signal))
    }

    /// nanosleep(2), in milliseconds.
    public func nanosleep(milliseconds: Int) throws(SystemError) {
        _ = try perform(.nanosleep(milliseconds: milliseconds))
    }

    /// open(2) for reading. Give the descriptor back with `close`.
    public func open(_ path: String) throws(SystemError) -> Int32 {
        if case .descriptor(let descriptor) = try perform(.open(path)) { return descriptor }
        return -1
    }

    /// close(2).
    public func close(_ descriptor: Int32) throws(SystemError) {
        _ = try perform(.close(descriptor))
    }

    /// mount(2): `mount(source, target, filesystemtype, mountflags, data)`.
    public func mount(
        _ source: String?, _ target: String, _ type: String?, _ flags: MountFlags,
        _ data: String? = nil
    ) throws(SystemError) {
        _ = try perform(.mount(source: source, target: target, type: type, flags, data: data))
    }

    /// umount2(2).
    public func umount2(_ target: String, _ flags: UnmountFlags) throws(SystemError) {
        _ = try perform(.umount2(target, flags))
    }

    /// pivot_root(2): `newRoot` becomes `/`, and what was `/` is found at `putOld`.
    public func pivotRoot(_ newRoot: String, _ putOld: String) throws(SystemError) {
        _ = try perform(.pivotRoot(newRoot: newRoot, putOld: putOld))
    }

    /// chroot(2): where `/` is looked for from now on. The working directory stays where it is.
    public func chroot(_ path: String) throws(SystemError) { _ = try perform(.chroot(path)) }

    /// chdir(2).
    public func chdir(_ path: String) throws(SystemError) { _ = try perform(.chdir(path)) }

    /// fchdir(2): to the directory that `descriptor` stands for.
    public func fchdir(_ descriptor: Int32) throws(SystemError) {
        _ = try perform(.fchdir(descriptor))
    }

    /// sethostname(2).
    public func sethostname(_ name: String) throws(SystemError) {
        _ = try perform(.sethostname(name))
    }

    /// mkdir(2).
    public func mkdir(_ path: String, _ mode: UInt32 = 0o755) throws(SystemError) {
        _ = try perform(.mkdir(path, mode: mode))
    }

    /// rmdir(2).
    public func rmdir(_ path: String) throws(SystemError) { _ = try perform(.rmdir(path)) }

    /// mknod(2): `mode` holds the file type and the permissions, `device` what makedev(3) makes.
    public func mknod(_ path: String, _ mode: UInt32, _ device: UInt64) throws(SystemError) {
        _ = try perform(.mknod(path, mode: mode, device: device))
    }

    /// symlink(2): `path` becomes a symbolic link that says `target`.
    public func symlink(_ target: String, _ path: String) throws(SystemError) {
        _ = try perform(.symlink(target: target, path: path))
    }

    /// All of a small file, such as one of /proc.
    public func readFile(_ path: String) throws(SystemError) -> String {
        if case .text(let text) = try perform(.readFile(path)) { return text }
        return ""
    }

    /// Opens a file that is there, writes `text` with one write(2), and closes it: how a control
    /// file is set.
    public func writeFile(_ path: String, _ text: String) throws(SystemError) {
        _ = try perform(.writeFile(path, text))
    }

    /// ioctl(2) SIOCGIFFLAGS, from netdevice(7): the flags of a network interface.
    public func getInterfaceFlags(_ name: String) throws(SystemError) -> InterfaceFlags {
        if case .flags(let flags) = try perform(.getInterfaceFlags(name)) { return flags }
        return []
    }

    /// ioctl(2) SIOCSIFFLAGS, from netdevice(7).
    public func setInterfaceFlags(_ name: String, _ flags: InterfaceFlags) throws(SystemError) {
        _ = try perform(.setInterfaceFlags(name, flags))
    }
}

extension KernelCall: CustomStringConvertible {
    /// As strace(1) would print it: `mount("proc", "/proc", "proc", MS_NOSUID, NULL)`.
    public var description: String {
        func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "NULL" }
        switch self {
        case .unshare(let flags): return "unshare(\(flags))"
        case .setns(let descriptor, let kind): return "setns(\(descriptor), \(kind))"
        case .fork: return "fork()"
        case .waitpid(let pid): return "waitpid(\(pid))"
        case .kill(let pid, let signal): return "kill(\(pid), \(signal))"
        case .nanosleep(let milliseconds): return "nanosleep(\(milliseconds) ms)"
        case .open(let path): return "open(\(quoted(path)))"
        case .close(let descriptor): return "close(\(descriptor))"
        case .mount(let source, let target, let type, let flags, let data):
            return
                "mount(\(quoted(source)), \(quoted(target)), \(quoted(type)), \(flags), \(quoted(data)))"
        case .umount2(let target, let flags): return "umount2(\(quoted(target)), \(flags))"
        case .pivotRoot(let new, let old): return "pivot_root(\(quoted(new)), \(quoted(old)))"
        case .chroot(let path): return "chroot(\(quoted(path)))"
        case .chdir(let path): return "chdir(\(quoted(path)))"
        case .fchdir(let descriptor): return "fchdir(\(descriptor))"
        case .sethostname(let name): return "sethostname(\(quoted(name)))"
        case .mkdir(let path, let mode): return "mkdir(\(quoted(path)), 0\(String(mode, radix: 8)))"
        case .rmdir(let path): return "rmdir(\(quoted(path)))"
        case .mknod(let path, let mode, let device):
            return "mknod(\(quoted(path)), 0\(String(mode, radix: 8)), \(device))"
        case .symlink(let target, let path): return "symlink(\(quoted(target)), \(quoted(path)))"
        case .readFile(let path): return "read \(path)"
        case .writeFile(let path, let text):
            let lines = text.unicodeScalars.map { $0 == "\n" ? "\\n" : String($0) }
            return "write \(quoted(lines.joined())) to \(path)"
        case .getInterfaceFlags(let name): return "ioctl(SIOCGIFFLAGS, \(quoted(name)))"
        case .setInterfaceFlags(let name, let flags):
            return "ioctl(SIOCSIFFLAGS, \(quoted(name)), \(flags))"
        }
    }
}
