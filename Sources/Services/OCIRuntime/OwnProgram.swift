import Contract
import Linux

/// Keeps the runtime's own file out of every container's reach (CVE-2019-5736).
///
/// A process on its way into a container still runs the runtime's file, and may be made to run it once more there: by a
/// link to /proc/self/exe, as the interpreter of a script, as an ELF file's loader. Whoever opens /proc/PID/exe of it
/// has the file on the host, and can write to it as soon as nobody runs it. To look at what is executed doesn't help,
/// for names change between the look and the call. So what goes into a container runs from what nobody can write to:
/// the same file on a read-only mount that is in no namespace, so that nobody can remount it; or, where such a mount
/// may not be made, a sealed copy in memory.
enum OwnProgram {
    private static let path = "/proc/self/exe"

    /// Goes on as the protected program, from the start and with the same arguments, unless that is what runs already.
    static func protect() throws(SystemError) {
        if try isProtected() { return }
        var view = clinux_read_only_view(path)
        if view < 0 { view = try sealedCopy().release() }
        try check("execute \(path) again") {
            clinux_exec_descriptor(view, CommandLine.unsafeArgv, clinux_environ())
        }
    }

    private static func isProtected() throws(SystemError) -> Bool {
        let file = try FileDescriptor.open(path)
        return clinux_is_on_read_only_mount(file.raw) != 0 || clinux_is_sealed(file.raw) != 0
    }

    private static func sealedCopy() throws(SystemError) -> FileDescriptor {
        let own = try FileDescriptor.open(path)
        let copy = FileDescriptor(owning: try check("memfd_create") { clinux_memfd("runtime") })
        while case let chunk = try own.read(upTo: 1 << 20), !chunk.isEmpty { try copy.write(chunk) }
        let raw = copy.raw
        try check("seal the copy of \(path)") { clinux_seal(raw) }
        return copy
    }
}
