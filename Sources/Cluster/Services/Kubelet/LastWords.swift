import Linux
import Objects
import PodRuntime
import PodWork

/// What a container says of its end: in a file that it is given, `terminationMessagePath`, or in
/// its log. Source: Kubernetes documentation, "Determine the Reason for Pod Failure".
extension PodWorker {
    private static let bytesMax = 4096
    /// Of the log, where it stands in.
    private static let (logLinesMax, logBytesMax) = (80, 2048)

    /// A file for this run of the container, that it may write whoever it runs as.
    func lastWordsMount(_ container: Container, attempt: Int) throws -> Mount {
        let directory = "\(services.volumes.directory(machine.pod))/last-words/\(container.name)"
        try Files.makeDirectories(directory)
        let file = "\(directory)/\(attempt)"
        try Files.removeTree(file)
        try Files.write("", to: file)
        try check("chmod \(file)") { chmod(file, 0o666) }
        return Mount(
            hostPath: file,
            containerPath: container.terminationMessagePath ?? "/dev/termination-log")
    }

    /// The container with its last words, if it has ended and left any.
    func withLastWords(_ status: CRIContainer) -> CRIContainer {
        guard status.state == .exited, status.message == nil,
            let container = machine.container(status.config.name)
        else { return status }
        var status = status
        let directory = "\(services.volumes.directory(machine.pod))/last-words/\(container.name)"
        var words = beginning(of: "\(directory)/\(status.config.attempt)")
        if words.isEmpty, status.exitCode != 0,
            container.terminationMessagePolicy == "FallbackToLogsOnError"
        {
            words = endOfLog(status.logFile)
        }
        if !words.isEmpty { status.message = String(decoding: words, as: UTF8.self) }
        return status
    }

    /// The container wrote this file, so no more of it is read than may be wanted.
    private func beginning(of file: String) -> [UInt8] {
        guard let open = try? FileDescriptor.open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else {
            return []
        }
        return (try? open.read(upTo: Self.bytesMax)) ?? []
    }

    private func endOfLog(_ file: String) -> [UInt8] {
        guard let open = try? FileDescriptor.open(file) else { return [] }
        // Each record has some forty bytes in front of its text.
        lseek(
            open.raw, -off_t(min(Self.logBytesMax + 60 * Self.logLinesMax, size(of: open))),
            SEEK_END)
        var selection = LogSelection()
        selection.tailLines = Self.logLinesMax
        return Array(selection.select((try? open.readToEnd()) ?? []).suffix(Self.logBytesMax))
    }

    private func size(of file: borrowing FileDescriptor) -> Int {
        var info = stat()
        return fstat(file.raw, &info) == 0 ? Int(info.st_size) : 0
    }
}
