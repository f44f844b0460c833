import Contract
import Linux

extension ContainerProcess {
    /// A terminal of the container's own devpts as standard input, output and error. The master
    /// goes to whoever listens on the console socket.
    func openTerminal() throws {
        guard let consoleSocket else {
            throw RuntimeFailure("process.terminal needs --console-socket")
        }
        let master = try check("open /dev/ptmx") {
            clinux_open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC, 0)
        }
        var number: Int32 = 0
        try check("unlock the terminal") { clinux_unlock_pty(master, &number) }
        let name = "/dev/pts/\(number)"
        let slave = try check("open \(name)") {
            clinux_open(name, O_RDWR | O_NOCTTY | O_CLOEXEC, 0)
        }
        if let size = process.consoleSize { clinux_set_window(master, size.height, size.width) }
        try check("send the terminal's master") {
            clinux_send_descriptor(consoleSocket, master, name)
        }
        close(master)
        close(consoleSocket)
        try? bindConsole(name)
        for descriptor: Int32 in 0...2 { try check("dup2") { dup2(slave, descriptor) } }
        try check("make \(name) the controlling terminal") { clinux_take_terminal(slave) }
        close(slave)
    }

    /// /dev/console is the terminal too; a container without a /dev of its own goes without.
    private func bindConsole(_ name: String) throws {
        let kernel = RealKernel()
        if !Files.exists("/dev/console") {
            try kernel.mknod("/dev/console", UInt32(S_IFREG) | 0o620, 0)
        }
        try kernel.mount(name, "/dev/console", nil, .bind)
    }
}
