import CLinux

/// Writes one line to standard error, unbuffered.
public func printError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(2, bytes, bytes.count)
}
