import Linux

extension Sandbox {
    /// What a command printed, on both of its outputs, and how it ended.
    public struct CommandResult: Codable, Sendable {
        public var output: String
        public var ending: Child.Ending
    }

    /// Runs a command in a sandbox of its own, in an empty directory, to its end. What it leaves running is
    /// killed.
    /// - Parameters:
    ///   - arguments: the command and its arguments; the command is looked for on the PATH.
    ///   - environment: `NAME=value` strings; nil hands down this process's own.
    ///   - input: what it reads on standard input.
    public static func command(
        _ arguments: [String], environment: [String]? = nil, input: String = "",
        timeLimitMilliseconds: Int = 8000
    ) throws -> CommandResult {
        try run(timeLimitMilliseconds: timeLimitMilliseconds) { sandbox in
            let words = "\(sandbox.directory)/.input"
            try Files.write(input, to: words)
            let stdin = try FileDescriptor.open(words)
            try check("unlink \(words)") { unlink(words) }
            let output = try Pipe()
            let child = try Child.spawn(
                arguments[0], arguments, environment: environment,
                descriptors: [0: stdin.raw, 1: output.write.raw, 2: output.write.raw])
            // What was left running may hold the output open: it is read until the command has ended.
            let reader = output.intoRead()
            var bytes: [UInt8] = []
            var ending: Child.Ending?
            while true {
                var polled = pollfd(fd: reader.raw, events: Int16(POLLIN), revents: 0)
                let isReady = poll(&polled, 1, ending == nil ? 5 : 0) > 0
                if isReady {
                    let chunk = try reader.read(upTo: 65536)
                    bytes += chunk
                    if chunk.isEmpty {
                        let last = try ending ?? child.wait()
                        return result(bytes, last)
                    }
                } else if let ending {
                    return result(bytes, ending)
                }
                if ending == nil { ending = try child.poll() }
            }
        }
    }

    private static func result(_ bytes: [UInt8], _ ending: Child.Ending) -> CommandResult {
        CommandResult(output: String(decoding: bytes, as: UTF8.self), ending: ending)
    }
}
