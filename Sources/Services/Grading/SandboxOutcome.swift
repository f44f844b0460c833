import Contract
import JSON
import Linux

/// How a body ended that ran in another process, as one line of JSON.
enum Outcome<Value: Codable>: Codable {
    case value(Value)
    case failed(Failed)
    case part(PartFailure)
    /// Anything else that was thrown, in words.
    case kit(String)

    init(_ body: () throws -> Value) {
        do { self = .value(try body()) } catch {
            switch error {
            case let failed as Failed: self = .failed(failed)
            case let failure as PartFailure: self = .part(failure)
            default: self = .kit("\(error)")
            }
        }
    }

    func get() throws -> Value {
        switch self {
        case .value(let value): return value
        case .failed(let failed): throw failed
        case .part(let failure): throw failure
        case .kit(let text): throw SandboxError(description: text)
        }
    }

    func write(to descriptor: Int32) {
        guard let line = try? JSON(encoding: self) else { return }
        var rest = (line.bytes + [UInt8(ascii: "\n")])[...]
        while !rest.isEmpty {
            let wrote = rest.withUnsafeBytes { Linux.write(descriptor, $0.baseAddress, $0.count) }
            if wrote < 0, Errno.current != .interrupted { return }
            rest = rest.dropFirst(max(0, wrote))
        }
    }

    /// Waits for the line. Others may hold the pipe's writing end, so its end is not waited for.
    static func read(
        from file: consuming FileDescriptor, withinMilliseconds limit: Int
    ) throws -> Value {
        let end = Clock.monotonicMilliseconds() + limit
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            let left = end - Clock.monotonicMilliseconds()
            var polled = pollfd(fd: file.raw, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&polled, 1, Int32(left)) >= 0 else {
                throw Failed(
                    "what was begun comes to an end within \(limit) ms", seen: "it still runs",
                    idea:
                        "Something waits for what never comes: a child that is not there, a call that blocks."
                )
            }
            if polled.revents == 0 { continue }
            let chunk = try file.read(upTo: 65536)
            guard !chunk.isEmpty else {
                throw Failed(
                    "the process lives until it has been looked at",
                    seen: "it ended, or was killed",
                    idea: "Who ends process 1 of a PID namespace ends every process in it.")
            }
            line += chunk
        }
        return try JSON(parsing: line.dropLast()).decode(Outcome<Value>.self).get()
    }
}
