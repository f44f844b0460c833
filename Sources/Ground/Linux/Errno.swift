import CLinux

/// Why a system call failed: what errno(3) was right after it.
public struct Errno: Error, Hashable, Sendable, Codable, RawRepresentable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The calling thread's errno. Read it before anything else runs.
    public static var current: Errno { Errno(rawValue: clinux_errno()) }

    public static let noEntry = Errno(rawValue: ENOENT)
    public static let exists = Errno(rawValue: EEXIST)
    public static let notPermitted = Errno(rawValue: EPERM)
    public static let accessDenied = Errno(rawValue: EACCES)
    public static let invalid = Errno(rawValue: EINVAL)
    public static let busy = Errno(rawValue: EBUSY)
    public static let interrupted = Errno(rawValue: EINTR)
    public static let noProcess = Errno(rawValue: ESRCH)
    public static let noChild = Errno(rawValue: ECHILD)
    public static let noDevice = Errno(rawValue: ENODEV)
    public static let noMemory = Errno(rawValue: ENOMEM)
    public static let tryAgain = Errno(rawValue: EAGAIN)
}

extension Errno: CustomStringConvertible {
    /// The C library's sentence: `Operation not permitted`.
    public var description: String { String(cString: strerror(rawValue)) }
}

/// A system call that failed, on what, and why: `mount overlay on /run/x: Operation not permitted`.
public struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call with its object, as a person would say it: `open /etc/passwd`.
    public let call: String
    public let errno: Errno
    /// What to do about it, where that is known.
    public let advice: String?

    public init(_ call: String, _ errno: Errno, advice: String? = nil) {
        (self.call, self.errno, self.advice) = (call, errno, advice)
    }

    public var description: String {
        "\(call): \(errno)" + (advice.map { ": \($0)" } ?? "")
    }
}

/// Runs a call that answers -1 and sets errno when it fails; repeats it when a signal interrupted it.
/// - Parameter call: what the error should say, worked out only when it is needed.
@discardableResult
public func check<Result: SignedInteger>(
    _ call: @autoclosure () -> String, _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let errno = Errno.current
        if errno != .interrupted { throw SystemError(call(), errno) }
    }
}
