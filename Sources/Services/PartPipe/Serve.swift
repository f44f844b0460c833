import Contract
import JSON
import Linux

/// The pipe's descriptor in the part's program. Standard input and output stay free for the
/// student's prints.
let pipeDescriptor: Int32 = 3

/// The whole main program of a part: answers questions, one JSON line each, until the pipe is
/// closed.
///
/// A line in is `{"id":1,"ask":"name","input":…}`; a line out `{"id":1,"answer":…}`,
/// `{"id":1,"threw":"…"}` or
/// `{"id":1,"unfinished":"10.3"}`. While a question is open, a kernel part may send
/// `{"id":1,"call":…}`
/// and reads one line `{"returned":…}` or `{"errno":22}`.
public func serve(_ part: some Part) -> Never {
    serve(part.desk) { _ in }
}

/// The main program of a part whose lab has an open step: it answers for the part, and runs the
/// student's tests of another one.
public func serve(_ part: some Part, tests: some OpenTests) -> Never {
    serve(part.desk) { subject in try tests.test(tests.subject(asking: subject)) }
}

private func serve(_ desk: Desk, tests: @escaping (any KernelAsker) throws -> Void) -> Never {
    guard clinux_fcntl(pipeDescriptor, F_GETFD, 0) != -1 else {
        print(
            "This program answers questions about a lab's part over descriptor \(pipeDescriptor).")
        print(
            "It is started by `lab check` and `lab up --mine`; questions it knows: \(desk.questions)"
        )
        exit(2)
    }
    // What a student prints shall be there when the part crashes or hangs.
    clinux_line_buffer_stdout()
    var desk = desk
    var exchange: (JSON) -> JSON? = { _ in nil }
    desk.answer(OpenStep.question) { _ in
        try tests(TestedPart { exchange($0) })
        return Done()
    }
    var lines = LineReader(descriptor: pipeDescriptor)
    while let line = lines.next() {
        guard let request = try? JSON(parsing: line), let id = request["id"] else { exit(3) }
        var reply: JSON = ["id": id]
        exchange = { call in
            guard writeLine(["id": id, "call": call], to: pipeDescriptor) else { return nil }
            return lines.next().flatMap { try? JSON(parsing: $0) }
        }
        do {
            reply["answer"] = try desk.answer(
                request["ask"]?.string ?? "", request["input"] ?? .null,
                kernel: RemoteKernel(exchange: exchange))
        } catch let unfinished as Unfinished {
            reply["unfinished"] = .string(unfinished.step)
        } catch {
            reply["threw"] = .string("\(error)")
        }
        guard writeLine(reply, to: pipeDescriptor) else { exit(3) }
    }
    exit(0)
}

/// Writes one line; false when the other end is gone.
func writeLine(_ value: JSON, to descriptor: Int32) -> Bool {
    var rest = (value.bytes + [UInt8(ascii: "\n")])[...]
    while !rest.isEmpty {
        let sent = rest.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent < 0 {
            if Errno.current == .interrupted { continue }
            return false
        }
        rest = rest.dropFirst(sent)
    }
    return true
}

/// Splits what comes from a descriptor into lines.
struct LineReader {
    let descriptor: Int32
    private var pending: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its newline; nil at the end.
    mutating func next() -> [UInt8]? {
        while true {
            if let newline = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[..<newline])
                pending.removeSubrange(...newline)
                return line
            }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let got = read(descriptor, &buffer, buffer.count)
            if got < 0, Errno.current == .interrupted { continue }
            guard got > 0 else { return nil }
            pending += buffer[..<got]
        }
    }
}
