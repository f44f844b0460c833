/// Writes every call down and does nothing, so that an order of calls can be judged without root.
public final class RecordingKernel: Kernel {
    public private(set) var calls: [KernelCall] = []
    /// What `readFile` answers, by path; anything else is "No such file or directory".
    public var files: [String: String]
    /// Calls that are to fail, and how.
    public var failures: [KernelCall: Errno]
    /// What `waitpid` answers, one after the other; then there is no child left.
    public var children: [EndedChild] = []
    /// The flags of the interfaces that there are; `lo` is born down.
    public var interfaces: [String: InterfaceFlags] = ["lo": [.loopback, .noARP]]
    private var nextDescriptor: Int32 = 3

    public init(files: [String: String] = [:], failures: [KernelCall: Errno] = [:]) {
        (self.files, self.failures) = (files, failures)
    }

    public func perform(_ call: KernelCall) throws(SystemError) -> KernelResult {
        calls.append(call)
        if let errno = failures[call] { throw SystemError("\(call)", errno) }
        switch call {
        case .open:
            defer { nextDescriptor += 1 }
            return .descriptor(nextDescriptor)
        case .readFile(let path):
            guard let text = files[path] else { throw SystemError("\(call)", .noEntry) }
            return .text(text)
        case .waitpid(let pid):
            let next = children.firstIndex { pid == -1 || $0.pid == pid }
            guard let next else { throw SystemError("\(call)", .noChild) }
            return .ended(children.remove(at: next))
        case .getInterfaceFlags(let name):
            guard let flags = interfaces[name] else { throw SystemError("\(call)", .noDevice) }
            return .flags(flags)
        case .setInterfaceFlags(let name, let flags):
            guard interfaces[name] != nil else { throw SystemError("\(call)", .noDevice) }
            interfaces[name] = flags
            return .nothing
        default:
            return .nothing
        }
    }
}
