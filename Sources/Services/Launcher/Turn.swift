import Linux

/// One `lab up` at a time for a state directory: flock(2), which ends with the process, however it ends.
struct Turn: ~Copyable {
    private let file: FileDescriptor

    /// Waits, and says so, while another one is at work.
    static func take(_ layout: Layout, _ terminal: Terminal) throws -> Turn {
        let path = "\(layout.state)/run/up.lock"
        try Files.makeDirectories("\(layout.state)/run")
        let turn = Turn(file: try FileDescriptor.open(path, O_RDWR | O_CREAT))
        if flock(turn.file.raw, LOCK_EX | LOCK_NB) != 0 {
            terminal.say("another `lab up` is at work on this cluster; waiting for it")
            try check("lock \(path)") { flock(turn.file.raw, LOCK_EX) }
        }
        return turn
    }

    /// Lets the next one have its turn.
    consuming func end() {}
}
