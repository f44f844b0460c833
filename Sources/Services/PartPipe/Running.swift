import Contracts
import Linux

/// The part's process and the two ways out of it: answers on the socket, prints on a pipe.
final class Running {
    enum Event {
        case line([UInt8])
        case late
        case ended
        case flood(String)
    }

    static let lineBytesMax = 16 << 20
    static let printedBytesMax = 1 << 20

    let socket: Int32
    private let prints: Int32
    private let child: Child
    /// A container's process asks over a copy of this, made by its birth in another PID namespace, where the
    /// child's number may be somebody else's: only who started the program may end it.
    private let owner = getpid()
    private var pending: [UInt8] = []
    private var printed: [UInt8] = []
    private var printedBytes = 0

    init(path: String) throws {
        do {
            let pair = try SocketPair()
            let output = try Pipe()
            child = try Child.spawn(
                path, [path],
                // Swift's crash reporter can take minutes over a core; the last words are enough.
                environment: ["SWIFT_BACKTRACE=enable=no", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
                descriptors: [
                    1: output.write.raw, 2: output.write.raw, pipeDescriptor: pair.theirs.raw,
                ])
            socket = pair.intoOurs().release()
            prints = output.intoRead().release()
        } catch {
            throw PartFailure.notStarted("\(error)")
        }
    }

    /// Waits for the next line of an answer, draining what the part prints meanwhile.
    func nextLine(until end: Int) -> Event {
        while true {
            if let newline = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[..<newline])
                pending.removeSubrange(...newline)
                return .line(line)
            }
            if pending.count > Self.lineBytesMax { return .flood("an answer of more than 16 MiB") }
            let left = end - Clock.monotonicMilliseconds()
            if left <= 0 { return .late }
            var polled = [
                pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: prints, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, 2, Int32(left)) >= 0 else { continue }
            if polled[1].revents & Int16(POLLIN) != 0, !drainPrints() {
                return .flood("more than 1 MiB printed while answering one question")
            }
            if polled[0].revents != 0, !readSocket() { return .ended }
        }
    }

    private func readSocket() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let got = read(socket, &buffer, buffer.count)
        if got > 0 { pending += buffer[..<got] }
        return got > 0
    }

    /// False when the part has printed more than anyone will read.
    private func drainPrints() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let got = read(prints, &buffer, buffer.count)
        guard got > 0 else { return true }
        printedBytes += got
        printed = Array((printed + buffer[..<got]).suffix(16 << 10))
        return printedBytes <= Self.printedBytesMax
    }

    /// The program has closed its end: how it ended, and what it said before.
    func lastWords() -> PartFailure {
        var polled = pollfd(fd: prints, events: Int16(POLLIN), revents: 0)
        while poll(&polled, 1, 0) > 0, polled.revents & Int16(POLLIN) != 0, drainPrints() {}
        let ending = endWithin(milliseconds: 1000).map { "\($0)" } ?? "closed the pipe"
        let words = String(decoding: printed, as: UTF8.self)
        let lines = words.split(separator: "\n").suffix(8).joined(separator: "\n")
        return .crashed(ending: ending, lastWords: lines)
    }

    private var ending: Child.Ending?

    private func endWithin(milliseconds: Int) -> Child.Ending? {
        for _ in 0..<max(1, milliseconds / 5) {
            if ending == nil { ending = (try? child.poll()) ?? nil }
            if ending != nil { return ending }
            usleep(5000)
        }
        return nil
    }

    /// Ends the program, if need be by force, and leaves nothing of it.
    func stop() {
        if ending == nil, getpid() == owner {
            child.signal(SIGKILL)
            _ = try? child.wait()
        }
        close(socket)
        close(prints)
    }
}
