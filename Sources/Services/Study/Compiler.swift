import Linux
import PartPipe

/// What the compiler had to say about a part.
public struct CompilerErrors: Error, Sendable, CustomStringConvertible {
    public let text: String
    public let complaints: [Complaint]
    public var description: String { text }

    init(text: String) { (self.text, complaints) = (text, Complaint.all(in: text)) }
}

/// Something about the machine that kept a part from being built, and is nobody's mistake.
public struct MachineFault: Error, CustomStringConvertible {
    public let description: String
}

/// swiftc, with bounds: what it is given may be made to keep it busy for ever.
struct Compiler {
    /// The compiler's own cache, which it would else keep in the home directory, where there may be none.
    let moduleCache: String

    /// By its path, or a name that is looked for on the PATH.
    var program = "swiftc"
    /// Of the processor's time; a part takes half a second.
    static let secondsMax = 30
    var seconds = Compiler.secondsMax
    /// Address space; a part takes a tenth of it.
    static let memoryKiBMax = 6 << 20
    /// One expression that takes longer is refused by the compiler itself, with its place.
    static let expressionSecondsMax = 10
    /// What it may write into one file.
    static let fileBytesMax = 256 << 20

    /// - Throws: `CompilerErrors`, `MachineFault`, `Interrupted`.
    func run(_ arguments: [String]) throws {
        let limits =
            "ulimit -c 0; ulimit -f \(Self.fileBytesMax / 512); ulimit -v \(Self.memoryKiBMax); "
            // The first limit is a signal that can be told apart, the second one SIGKILL.
            + "ulimit -S -t \(seconds); ulimit -H -t \(seconds + 5); exec \"$@\""
        let own = [
            "-module-cache-path", moduleCache,
            "-Xfrontend", "-solver-expression-time-threshold=\(Self.expressionSecondsMax)",
        ]
        let result = try capture("sh", ["sh", "-c", limits, "sh", program] + own + arguments)
        if result.ending.succeeded { return }
        if case .signaled(SIGINT) = result.ending { throw Interrupted() }
        if Interruption.came { throw Interrupted() }
        var said = String(decoding: result.errors + result.output, as: UTF8.self)
        if case .signaled(let signal) = result.ending {
            said += "\nerror: the compiler failed due to signal \(signal)\n"
        }
        let errors = CompilerErrors(text: said)
        if Self.isThePartsFault(errors) { throw errors }
        let last = said.split(separator: "\n").suffix(6).joined(separator: "\n")
        throw MachineFault(
            description:
                "the compiler could not do its work on this machine (\(result.ending)): \(last)")
    }

    /// A complaint with a place in the source, one of the linker's, and what the bounds and the compiler's own crashes
    /// leave are the part's. Anything else (a full disk, a directory that can't be written) is the machine's.
    static func isThePartsFault(_ errors: CompilerErrors) -> Bool {
        if errors.complaints.contains(where: { $0.line > 0 && $0.file != "main.swift" }) {
            return true
        }
        let machines = [
            "No space left", "Read-only file system", "Permission denied", "Cannot allocate memory",
        ]
        if machines.contains(where: errors.text.contains) { return false }
        let parts = [
            "failed due to signal", "linker command failed", "link command failed", "main.swift:",
        ]
        return parts.contains(where: errors.text.contains)
    }
}
