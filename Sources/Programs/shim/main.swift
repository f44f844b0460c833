// shim: one per container. The kubelet starts it, waits for its first answer and may then die and
// be restarted at will; the shim stays with the container, and its files tell the next kubelet
// everything.
import Linux

/// Forks, so that the caller's wait ends with the creation while the child stays with the
/// container.
func run(_ options: Options) throws {
    let report = try Pipe()
    let pid = try check("fork") { clinux_fork() }
    if pid == 0 {
        stayAsChild(options, report: report.intoWrite().release())
    }
    // The child says `ok PID`, or why not; nothing at all if it crashed.
    let words = String(decoding: try report.intoRead().readToEnd(), as: UTF8.self)
    if words.hasPrefix("ok ") {
        print(words.dropFirst(3))
        return
    }
    _ = try? Child(pid: pid).wait()
    throw Refusal(words.isEmpty ? "the shim ended without a word" : words)
}

func stayAsChild(_ options: Options, report: Int32) -> Never {
    func tell(_ words: String) { _ = write(report, words, words.utf8.count) }
    do {
        setsid()
        clinux_ignore_sigpipe()
        detachFromCaller()
        let supervisor = try Supervisor(options)
        let pid = try supervisor.create()
        tell("ok \(pid)")
        close(report)
        try supervisor.stay(with: pid)
        exit(0)
    } catch {
        // After the creation nobody listens any more; the missing exit file says that something is
        // wrong.
        tell("\(error)")
        exit(1)
    }
}

/// The caller waits for the end of its pipes, so none of them may stay open here.
func detachFromCaller() {
    let null = clinux_open("/dev/null", O_RDWR | O_CLOEXEC, 0)
    for standard: Int32 in 0...2 { dup2(null, standard) }
    close(null)
    chdir("/")
}

do {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch arguments.first {
    case nil, "--help", "-h": print(Options.usage)
    case "pin": try pin(Array(arguments.dropFirst()))
    default: try run(try Options(arguments))
    }
} catch {
    let text = "shim: \(error)\n"
    _ = write(2, text, text.utf8.count)
    exit(1)
}
