/// Writes every call down and does nothing, so that an order of calls can be judged without root.
public final class RecordingKernel: Kernel {
    public private(set) var calls: [KernelCall] = []
    /// What `readFile` answers, by path; anything else is "No such file or directory".
    public var files: [String: String]
    /// Calls that are to fail, and how.
    public var failures: [KernelCall: Errno]
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
        default:
            return .nothing
        }
    }
}
