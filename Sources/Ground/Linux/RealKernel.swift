import CLinux

/// The kernel of this machine: each call acts on the calling process.
public struct RealKernel: Kernel, Sendable {
    public init() {}

    public func perform(_ call: KernelCall) throws(SystemError) -> KernelResult {
        switch call {
        case .open(let path):
            return .descriptor(try FileDescriptor.open(path).release())
        case .readFile(let path):
            return .text(try Files.readText(path))
        case .writeFile(let path, let text):
            try writeControlFile(path, text)
        case .mount(let source, let target, let type, let flags, let data):
            try check("mount \(source ?? type ?? "") on \(target)") {
                CLinux.mount(source, target, type, flags.rawValue, data)
            }
        case .fork:
            try forkAndGoOn()
        case .waitpid(let pid):
            var status: Int32 = 0
            let ended = try check("\(call)") { CLinux.waitpid(pid, &status, 0) }
            return .ended(EndedChild(pid: ended, code: Child.Ending(status: status).code))
        case .getInterfaceFlags(let name):
            var flags: Int32 = 0
            try check("\(call)") { clinux_interface_flags(name, &flags) }
            return .flags(InterfaceFlags(rawValue: flags))
        default:
            try check("\(call)") { simple(call) }
        }
        return .nothing
    }

    /// The calls that take plain arguments and answer 0 or -1.
    private func simple(_ call: KernelCall) -> Int32 {
        switch call {
        case .unshare(let flags): clinux_unshare(flags.rawValue)
        case .setns(let descriptor, let kind): clinux_setns(descriptor, kind.rawValue)
        case .close(let descriptor): CLinux.close(descriptor)
        case .umount2(let target, let flags): CLinux.umount2(target, flags.rawValue)
        case .pivotRoot(let new, let old): clinux_pivot_root(new, old)
        case .kill(let pid, let signal): CLinux.kill(pid, signal)
        case .nanosleep(let milliseconds): usleep(UInt32(clamping: milliseconds * 1000))
        case .chroot(let path): CLinux.chroot(path)
        case .chdir(let path): CLinux.chdir(path)
        case .fchdir(let descriptor): CLinux.fchdir(descriptor)
        case .sethostname(let name): CLinux.sethostname(name, name.utf8.count)
        case .mkdir(let path, let mode): CLinux.mkdir(path, mode)
        case .rmdir(let path): CLinux.rmdir(path)
        case .mknod(let path, let mode, let device): CLinux.mknod(path, mode, dev_t(device))
        case .symlink(let target, let path): CLinux.symlink(target, path)
        case .setInterfaceFlags(let name, let flags):
            clinux_set_interface_flags(name, flags.rawValue)
        case .open, .readFile, .writeFile, .mount, .fork, .waitpid, .getInterfaceFlags: 0
        }
    }

    /// The child returns; the parent stays to pass the child's ending on, and never does.
    private func forkAndGoOn() throws(SystemError) {
        let pid = try check("fork()") { clinux_fork() }
        if pid == 0 { return }
        clinux_exit_now((try? Child(pid: pid).wait().code) ?? 127)
    }

    /// No O_CREAT: a control file that is not there is a controller that is not there.
    private func writeControlFile(_ path: String, _ text: String) throws(SystemError) {
        let file = try FileDescriptor.open(path, O_WRONLY | O_TRUNC)
        let raw = file.raw
        var text = text
        try check("write \"\(text.trimmingNewline)\" to \(path)") {
            text.withUTF8 { CLinux.write(raw, $0.baseAddress, $0.count) }
        }
    }
}

extension String {
    fileprivate var trimmingNewline: Substring {
        utf8.last == UInt8(ascii: "\n") ? Substring(utf8.dropLast()) : self[...]
    }
}
