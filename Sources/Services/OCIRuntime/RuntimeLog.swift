import Contract
import JSON
import Linux

/// Where errors and remarks go: `--log`, and errors to standard error too.
struct RuntimeLog {
    var path: String?
    var isJSON = false
    var isVerbose = false
    var wantsSystemd = false

    func error(_ message: String) {
        append("error", message)
        let line = Array("runtime: \(message)\n".utf8)
        _ = write(2, line, line.count)
    }

    func info(_ message: String) {
        append("info", message)
        if isVerbose {
            let line = Array("runtime: \(message)\n".utf8)
            _ = write(2, line, line.count)
        }
    }

    private func append(_ level: String, _ message: String) {
        guard let path else { return }
        let time = timestampNow()
        let line: String =
            if isJSON {
                (["level": .string(level), "msg": .string(message), "time": .string(time)] as JSON)
                    .text
            } else {
                "time=\"\(time)\" level=\(level) msg=\(JSON.string(message).text)"
            }
        guard let file = try? FileDescriptor.open(path, O_WRONLY | O_CREAT | O_APPEND) else {
            return
        }
        try? file.write(Array((line + "\n").utf8))
    }
}
