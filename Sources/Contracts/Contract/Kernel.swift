import JSON
import Linux

// What a kernel part needs of the ground floor, under the name it has there.
public typealias Kernel = Linux.Kernel
public typealias CloneFlags = Linux.CloneFlags
public typealias MountFlags = Linux.MountFlags
public typealias UnmountFlags = Linux.UnmountFlags
public typealias InterfaceFlags = Linux.InterfaceFlags
public typealias EndedChild = Linux.EndedChild
public typealias KernelCall = Linux.KernelCall
public typealias SystemError = Linux.SystemError
public typealias Errno = Linux.Errno

/// What asks a part that needs the kernel: the part's calls are carried out by `kernel`, here,
/// while the question is open.
public protocol KernelAsker: Asker {
    func ask<Input, Output>(
        _ question: Question<Input, Output>, _ input: Input, kernel: any Kernel
    ) throws -> Output
}

/// The output of a question that is answered by doing.
public struct Done: Codable, Hashable, Sendable {
    public init() {}
}

/// Refuses every call: what a part that only decides is given.
public struct NoKernel: Kernel {
    public init() {}
    public func perform(_ call: KernelCall) throws(SystemError) -> KernelResult {
        throw SystemError("\(call)", Errno(rawValue: 38 /* ENOSYS */))
    }
}

/// A kernel at the other end of a line of JSON: `perform` sends the call and reads what it gave
/// back.
public struct RemoteKernel: Kernel {
    /// Sends one call, gets the reply's line: `{"returned":…}` or `{"errno":22}`.
    private let exchange: (JSON) -> JSON?

    public init(exchange: @escaping (JSON) -> JSON?) { self.exchange = exchange }

    public func perform(_ call: KernelCall) throws(SystemError) -> KernelResult {
        let broken = Errno(rawValue: 32 /* EPIPE */)
        guard let reply = exchange(call.json) else { throw SystemError("\(call)", broken) }
        if let errno = reply["errno"]?.int {
            throw SystemError("\(call)", Errno(rawValue: Int32(errno)))
        }
        guard let result = KernelResult(json: reply["returned"] ?? .null) else {
            throw SystemError("\(call)", broken)
        }
        return result
    }
}

// MARK: Calls as JSON: {"mount":["proc","/proc","proc",14,null]}

extension KernelCall {
    /// The call with its arguments in the order of its man page.
    public var json: JSON {
        func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
        switch self {
        case .unshare(let flags): return ["unshare": [JSON(Int(flags.rawValue))]]
        case .setns(let fd, let kind): return ["setns": [JSON(Int(fd)), JSON(Int(kind.rawValue))]]
        case .fork: return ["fork": []]
        case .waitpid(let pid): return ["waitpid": [JSON(Int(pid))]]
        case .kill(let pid, let signal):
            return ["kill": [JSON(Int(pid)), JSON(Int(signal))]]
        case .nanosleep(let milliseconds): return ["nanosleep": [JSON(milliseconds)]]
        case .open(let path): return ["open": [.string(path)]]
        case .close(let fd): return ["close": [JSON(Int(fd))]]
        case .mount(let source, let target, let type, let flags, let data):
            let number = JSON(Int(bitPattern: flags.rawValue))
            return ["mount": [text(source), .string(target), text(type), number, text(data)]]
        case .umount2(let target, let flags):
            return ["umount2": [.string(target), JSON(Int(flags.rawValue))]]
        case .pivotRoot(let new, let old): return ["pivot_root": [.string(new), .string(old)]]
        case .chroot(let path): return ["chroot": [.string(path)]]
        case .chdir(let path): return ["chdir": [.string(path)]]
        case .fchdir(let fd): return ["fchdir": [JSON(Int(fd))]]
        case .sethostname(let name): return ["sethostname": [.string(name)]]
        case .mkdir(let path, let mode): return ["mkdir": [.string(path), JSON(Int(mode))]]
        case .rmdir(let path): return ["rmdir": [.string(path)]]
        case .mknod(let path, let mode, let device):
            return ["mknod": [.string(path), JSON(Int(mode)), JSON(Int(device))]]
        case .symlink(let target, let path): return ["symlink": [.string(target), .string(path)]]
        case .readFile(let path): return ["read": [.string(path)]]
        case .writeFile(let path, let text): return ["write": [.string(path), .string(text)]]
        case .getInterfaceFlags(let name): return ["SIOCGIFFLAGS": [.string(name)]]
        case .setInterfaceFlags(let name, let flags):
            return ["SIOCSIFFLAGS": [.string(name), JSON(Int(flags.rawValue))]]
        }
    }

    /// Nil for anything that is no call: the other end is a student's program.
    public init?(json: JSON) {
        guard let (name, value) = json.object?.members.first, let list = value.array else {
            return nil
        }
        let arguments = Arguments(list)
        guard let call = Self.call(name, arguments) else { return nil }
        self = call
    }

    private static func call(_ name: String, _ a: Arguments) -> KernelCall? {
        switch name {
        case "unshare": a.int32(0).map { .unshare(CloneFlags(rawValue: $0)) }
        case "setns":
            if let fd = a.int32(0), let kind = a.int32(1) {
                .setns(fd, CloneFlags(rawValue: kind))
            } else {
                nil
            }
        case "fork": .fork
        case "waitpid": a.int(0).flatMap(Int32.init(exactly:)).map { .waitpid($0) }
        case "kill":
            if let pid = a.int(0).flatMap(Int32.init(exactly:)), let signal = a.int32(1) {
                .kill(pid, signal)
            } else {
                nil
            }
        case "nanosleep": a.int32(0).map { .nanosleep(milliseconds: Int($0)) }
        case "open": a.text(0).map { .open($0) }
        case "close": a.int32(0).map { .close($0) }
        case "mount": mount(a)
        case "umount2":
            if let target = a.text(0), let flags = a.int32(1) {
                .umount2(target, UnmountFlags(rawValue: flags))
            } else {
                nil
            }
        case "pivot_root":
            if let new = a.text(0), let old = a.text(1) {
                .pivotRoot(newRoot: new, putOld: old)
            } else {
                nil
            }
        case "chroot": a.text(0).map { .chroot($0) }
        case "chdir": a.text(0).map { .chdir($0) }
        case "fchdir": a.int32(0).map { .fchdir($0) }
        case "sethostname": a.text(0).map { .sethostname($0) }
        case "mkdir":
            if let path = a.text(0), let mode = a.int32(1) {
                .mkdir(path, mode: UInt32(mode))
            } else {
                nil
            }
        case "rmdir": a.text(0).map { .rmdir($0) }
        case "mknod":
            if let path = a.text(0), let mode = a.int32(1), let device = a.int32(2) {
                .mknod(path, mode: UInt32(mode), device: UInt64(device))
            } else {
                nil
            }
        case "symlink":
            if let target = a.text(0), let path = a.text(1) {
                .symlink(target: target, path: path)
            } else {
                nil
            }
        case "read": a.text(0).map { .readFile($0) }
        case "write":
            if let path = a.text(0), let text = a.text(1) { .writeFile(path, text) } else { nil }
        case "SIOCGIFFLAGS": a.text(0).map { .getInterfaceFlags($0) }
        case "SIOCSIFFLAGS":
            if let name = a.text(0), let flags = a.int32(1) {
                .setInterfaceFlags(name, InterfaceFlags(rawValue: flags))
            } else {
                nil
            }
        default: nil
        }
    }

    private static func mount(_ a: Arguments) -> KernelCall? {
        guard let target = a.text(1), let flags = a.int(3) else { return nil }
        let bits = MountFlags(rawValue: UInt(bitPattern: flags))
        return .mount(source: a.text(0), target: target, type: a.text(2), bits, data: a.text(4))
    }
}

/// The arguments of a call that came over the pipe, none of them trusted.
private struct Arguments {
    private let list: [JSON]
    init(_ list: [JSON]) { self.list = list }
    func int(_ index: Int) -> Int? { list.indices.contains(index) ? list[index].int : nil }
    func int32(_ index: Int) -> Int32? { int(index).flatMap { $0 < 0 ? nil : Int32(exactly: $0) } }
    func text(_ index: Int) -> String? { list.indices.contains(index) ? list[index].string : nil }
}

extension KernelResult {
    /// `null`, a descriptor's number, a text, `{"flags":73}` or `{"pid":7,"code":0}`.
    public var json: JSON {
        switch self {
        case .nothing: .null
        case .descriptor(let number): JSON(Int(number))
        case .text(let text): .string(text)
        case .flags(let flags): ["flags": JSON(Int(flags.rawValue))]
        case .ended(let child): ["pid": JSON(Int(child.pid)), "code": JSON(Int(child.code))]
        }
    }

    public init?(json: JSON) {
        func number(_ name: String) -> Int32? { json[name]?.int.flatMap(Int32.init(exactly:)) }
        switch json {
        case .object:
            if let flags = number("flags") {
                self = .flags(InterfaceFlags(rawValue: flags))
            } else if let pid = number("pid"), let code = number("code") {
                self = .ended(EndedChild(pid: pid, code: code))
            } else {
                return nil
            }
        case .null: self = .nothing
        case .string(let text): self = .text(text)
        case .number:
            if let fd = json.int.flatMap(Int32.init(exactly:)) {
                self = .descriptor(fd)
            } else {
                return nil
            }
        default: return nil
        }
    }
}
