import Contract
import Linux

/// The part's process and the two ways out of it: answers on the socket, prints on a pipe.
///
/// The process is a student's and may do anything. So nothing here waits without an end, keeps what
/// is too
/// much, or believes what was not asked for.
final class Running {
    enum Event {
        case line([UInt8])
        case late
        case ended
        /// More than anyone will read, or than there is.
        case flood(String)
    }

    static let lineBytesMax = 16 << 20
    static let printedBytesMax = 1 << 20
    static let memoryBytesMax = 512 << 20
    static let processesMax = 64
    /// How often the program's memory is looked at while an answer is awaited.
    private static let lookMilliseconds = 20
    /// How often that of all that it started is added up: that takes a look at every process.
    private static let censusMilliseconds = 100

    private let socket: Int32
    private let prints: Int32
    private let child: Child
    /// What the program is shut in; nil for one that runs as whoever asks it.
    private let cell: Cell?
    /// A container's process asks over a copy of this, made by its birth in another PID namespace,
    /// where the
    /// child's number may be somebody else's: only who started the program may end it.
    private let owner = getpid()
    /// The /proc in which the child has its number. A copy that sees the same one can look at the child there,
    /// whatever number it has itself.
    private let ownersProc = Running.deviceOfProc()
    private var pending: [UInt8] = []
    /// How much of `pending` is known to have no newline.
    private var searched = 0
    private var printed: [UInt8] = []
    private var printedBytes = 0
    private var ending: Child.Ending?
    private var nextCensus = 0

    /// - Parameter confined: whether it is to run in a cell, where one can be had.
    init(path: String, confined: Bool) throws {
        do {
            let pair = try SocketPair()
            let output = try Pipe()
            // Swift's crash reporter can take minutes over a core; the last words are enough.
            let environment = ["SWIFT_BACKTRACE=enable=no", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
            let descriptors = [
                1: output.write.raw, 2: output.write.raw, pipeDescriptor: pair.theirs.raw,
            ]
            cell =
                confined
                ? try Cell.start(path, environment: environment, descriptors: descriptors) : nil
            // A process group of its own, so that what the part starts can be ended with it.
            child =
                try cell?.child
                ?? Child.spawn(
                    path, [path], environment: environment, descriptors: descriptors,
                    newSession: true)
            socket = pair.intoOurs().release()
            prints = output.intoRead().release()
        } catch {
            throw PartFailure.notStarted("\(error)")
        }
    }

    /// To be called before a question: what was printed so far is no longer held against the part.
    /// - Returns: what it wrote on the pipe without being asked, if anything.
    func begin() -> [UInt8]? {
        printedBytes = 0
        nextCensus = Clock.monotonicMilliseconds() + Self.censusMilliseconds
        if isReady(socket, POLLIN) { _ = readSocket() }
        return pending.isEmpty ? nil : pending
    }

    /// Writes a line; a part that doesn't read it can't hold this up.
    /// - Returns: why it could not be written; nil when it was.
    func say(_ line: [UInt8], until end: Int) -> Event? {
        var rest = (line + [UInt8(ascii: "\n")])[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if sent >= 0 {
                rest = rest.dropFirst(sent)
            } else if Errno.current == .tryAgain {
                if let event = wait(for: POLLIN | POLLOUT, until: end) { return event }
            } else if Errno.current != .interrupted {
                return .ended
            }
        }
        return nil
    }

    /// Waits for the next line of an answer.
    func nextLine(until end: Int) -> Event {
        while true {
            if let newline = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(pending[..<newline])
                pending.removeSubrange(...newline)
                searched = 0
                return .line(line)
            }
            searched = pending.count
            if let event = wait(for: POLLIN, until: end) { return event }
        }
    }

    /// Takes in what comes, until something did or the socket is ready; an event where that is all
    /// there will be.
    private func wait(for events: Int32, until end: Int) -> Event? {
        while true {
            if pending.count > Self.lineBytesMax { return .flood("an answer of more than 16 MiB") }
            let now = Clock.monotonicMilliseconds()
            if let excess = excess(at: now) { return .flood(excess) }
            let left = end - now
            if left <= 0 || Interruption.came { return .late }
            var polled = [
                pollfd(fd: socket, events: Int16(events), revents: 0),
                pollfd(fd: prints, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&polled, 2, Int32(min(left, Self.lookMilliseconds))) > 0 else { continue }
            if polled[1].revents & Int16(POLLIN) != 0, !drainPrints() {
                return .flood("more than 1 MiB printed while answering one question")
            }
            if polled[0].revents & Int16(POLLIN | POLLHUP | POLLERR) != 0, !readSocket() {
                return .ended
            }
            if polled[0].revents != 0 { return nil }
        }
    }

    private func isReady(_ descriptor: Int32, _ events: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&polled, 1, 0) > 0 && polled.revents & Int16(events) != 0
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

    /// The last of what the program printed, as far as it is there to be read.
    var printedText: String {
        while isReady(prints, POLLIN), printedBytes <= Self.printedBytesMax {
            let before = printedBytes
            _ = drainPrints()
            if printedBytes == before { break }
        }
        return String(decoding: printed, as: UTF8.self)
    }

    /// What the program and all that it started have taken too much of; nil where they have not.
    private func excess(at now: Int) -> String? {
        guard getpid() == owner || Self.deviceOfProc() == ownersProc else { return nil }
        let memory = "more than 512 MiB of memory taken"
        if memoryBytes(of: main) > Self.memoryBytesMax { return memory }
        guard now >= nextCensus else { return nil }
        nextCensus = now + Self.censusMilliseconds
        let family = self.family
        if family.count > Self.processesMax {
            return "more than \(Self.processesMax) processes started"
        }
        return family.map(memoryBytes).reduce(0, +) > Self.memoryBytesMax
            ? "\(memory) by it and what it started" : nil
    }

    /// The program's own process: in a cell the first child of process 1.
    private var main: pid_t { cell == nil ? child.pid : children(of: child.pid).first ?? child.pid }

    /// The processes that a process's first thread, or each of its threads, has for children.
    private func children(of pid: pid_t, byAnyThread: Bool = false) -> [pid_t] {
        let threads = byAnyThread ? (try? Files.list("/proc/\(pid)/task")) ?? [] : ["\(pid)"]
        return threads.flatMap { thread in
            ((try? Files.readText("/proc/\(pid)/task/\(thread)/children")) ?? "")
                .split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// The second number of /proc/PID/statm, in pages; 0 where that can't be seen.
    private func memoryBytes(of pid: pid_t) -> Int {
        guard let text = try? Files.readText("/proc/\(pid)/statm") else { return 0 }
        let numbers = text.split(separator: " ")
        return (numbers.count > 1 ? Int(numbers[1]) ?? 0 : 0) * Int(getpagesize())
    }

    /// All that the program started: what is left in a cell, or in the session that it was made the head of.
    private var family: [pid_t] {
        if cell != nil {
            var (found, left) = ([pid_t](), children(of: child.pid))
            while let pid = left.popLast() {
                found.append(pid)
                left += children(of: pid, byAnyThread: true)
            }
            return found
        }
        let all = ((try? Files.list("/proc")) ?? []).compactMap { pid_t($0) }
        return getpid() == owner
            ? all.filter { getsid($0) == child.pid } : all.filter { session(of: $0) == child.pid }
    }

    /// What /proc says: in another PID namespace the system call would mean another process by this number.
    private func session(of pid: pid_t) -> pid_t? {
        let words =
            (try? Files.readText("/proc/\(pid)/stat"))?.split(separator: ")").last?
            .split(separator: " ") ?? []
        return words.count > 3 ? pid_t(words[3]) : nil
    }

    /// Every mount of proc has a device number of its own; 0 where there is none.
    private static func deviceOfProc() -> dev_t {
        var status = stat()
        return stat("/proc", &status) == 0 ? status.st_dev : 0
    }

    /// The program has closed its end: how it ended, and what it said before.
    func lastWords() -> PartFailure {
        while isReady(prints, POLLIN), drainPrints() {}
        let ending = endWithin(milliseconds: 1000).map { "\($0)" } ?? "closed the pipe"
        var lines = String(decoding: printed, as: UTF8.self).split(separator: "\n")
        // What Swift prints after its fatal error is a list of addresses, which tells a student
        // nothing.
        if let fatal = lines.lastIndex(where: { $0.contains("Fatal error:") }) {
            lines = Array(lines[...fatal])
        }
        return .crashed(ending: ending, lastWords: lines.suffix(8).joined(separator: "\n"))
    }

    private func endWithin(milliseconds: Int) -> Child.Ending? {
        for _ in 0..<max(1, milliseconds / 5) {
            if ending == nil, let ended = (try? child.poll()) ?? nil {
                ending = cell?.ending(of: ended) ?? ended
            }
            if ending != nil { return ending }
            usleep(5000)
        }
        return nil
    }

    /// Ends the program, if need be by force, and what it started, and leaves nothing of it.
    func stop() {
        if getpid() == owner {
            if cell != nil { for one in family { kill(one, SIGKILL) } }
            kill(-child.pid, SIGKILL)
            // Who has left the group is in the session still. The number stays taken as long as anybody is.
            for stray in family where stray != child.pid { kill(stray, SIGKILL) }
            if ending == nil {
                child.signal(SIGKILL)
                _ = try? child.wait()
            }
        }
        cell?.close()
        close(socket)
        close(prints)
    }
}
