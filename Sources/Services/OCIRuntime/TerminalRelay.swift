import Contract
import Linux

/// Stands between our own terminal and that of a container in the foreground, and copies both ways.
final class TerminalRelay {
    private let ours: Int32
    /// The end that the container's process sends its terminal's master over.
    let theirs: Int32
    private var master: Int32 = -1
    private var saved: termios?
    private var inputEnded = false

    /// Nil where someone else takes the terminal.
    init?(unless isTaken: Bool) throws {
        if isTaken { return nil }
        var ends: [Int32] = [-1, -1]
        try check("socketpair") {
            socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        }
        (ours, theirs) = (ends[0], ends[1])
    }

    deinit {
        close(ours)
        close(theirs)
        if master >= 0 { close(master) }
    }

    /// Takes the master and makes our terminal raw. A container without a terminal sends nothing.
    func begin() throws {
        var polled = pollfd(fd: ours, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 0) > 0 else { return }
        master = clinux_receive_descriptor(ours)
        guard master >= 0 else { return }
        copyWindowSize()
        var settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return }
        saved = settings
        cfmakeraw(&settings)
        tcsetattr(0, TCSANOW, &settings)
    }

    func restore() {
        if master >= 0 { while copy(from: master, to: 1) {} }
        if var saved { tcsetattr(0, TCSANOW, &saved) }
        saved = nil
    }

    func copyWindowSize() {
        if master >= 0 { clinux_copy_window(0, master) }
    }

    /// Copies until a signal comes, and returns it; 0 where there was none for a while.
    func relay(_ signals: inout sigset_t, _ info: inout siginfo_t) -> Int32 {
        var patience = timespec(tv_sec: 0, tv_nsec: 0)
        guard master >= 0 else { return sigwaitinfo(&signals, &info) }
        let pending = sigtimedwait(&signals, &info, &patience)
        if pending > 0 { return pending }
        var polled = [
            pollfd(fd: master, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inputEnded ? -1 : 0, events: Int16(POLLIN), revents: 0),
        ]
        // Signals are blocked, so they do not end the wait: it is short instead.
        guard poll(&polled, 2, 20) > 0 else { return 0 }
        if polled[0].revents != 0, !copy(from: master, to: 1) {
            close(master)
            master = -1
        }
        if polled[1].revents != 0, !copy(from: 0, to: master) { inputEnded = true }
        return 0
    }

    private func copy(from source: Int32, to target: Int32) -> Bool {
        var polled = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, 0) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let got = read(source, &buffer, buffer.count)
        guard got > 0 else { return false }
        var rest = buffer[..<got]
        while !rest.isEmpty {
            let wrote = rest.withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
            if wrote <= 0 { return false }
            rest = rest.dropFirst(wrote)
        }
        return true
    }
}
