import ContractRuntime
import JSON
import Linux

/// What the runtime remembers of a container between two of its command lines.
struct ContainerRecord: Codable {
    var ociVersion: String
    var id: String
    /// 0 while the container is being made.
    var pid: Int32
    /// Clock ticks since boot at which `pid` was started: tells it from a later process of the same
    /// number.
    var processStartTime: Int
    var bundle: String
    var rootfs: String
    /// RFC 3339.
    var created: String
    var annotations: [String: String]
    /// The container's directory in each hierarchy it was put into.
    var controlGroups: [ControlGroupDirectory]
    /// The kinds of namespace that are not the host's.
    var namespaces: [NamespaceKind]
    var process: ProcessSpec
    var seccomp: SeccompProfile?
}

/// The directories below `--root`, one a container.
struct ContainerStore {
    let root: String

    func directory(_ id: String) -> String { "\(root)/\(id)" }
    /// Present while the container waits to be started.
    func startGate(_ id: String) -> String { "\(root)/\(id)/start.fifo" }
    private func file(_ id: String) -> String { "\(root)/\(id)/state.json" }

    /// As runc: letters, digits, `_`, `+`, `-`, `.`, and neither `.` nor `..`.
    static func validate(_ id: String) throws {
        let allowed =
            !id.isEmpty && id != "." && id != ".." && id.utf8.count <= 1024
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "+"),
                    UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
        guard allowed else {
            throw RuntimeFailure("\"\(id)\" is no container id: use letters, digits and _ + - .")
        }
    }

    /// Claims the id: of two that try at once, one gets it.
    func claim(_ id: String) throws {
        try Self.validate(id)
        if mkdir(directory(id), 0o711) == 0 { return }
        var errno = Errno.current
        if errno == .noEntry {
            try Files.makeDirectories(root, mode: 0o711)
            if mkdir(directory(id), 0o711) == 0 { return }
            errno = Errno.current
        }
        if errno == .exists {
            throw RuntimeFailure("container \(id) exists already: delete it, or use another id")
        }
        throw SystemError("mkdir \(directory(id))", errno)
    }

    func save(_ record: ContainerRecord) throws {
        let text = try JSON(encoding: record).text
        let path = file(record.id)
        try Files.write(text, to: path + ".new", mode: 0o600)
        try check("rename \(path)") { rename(path + ".new", path) }
    }

    func load(_ id: String) throws -> ContainerRecord {
        try Self.validate(id)
        guard Files.exists(file(id)) else {
            throw RuntimeFailure("container \(id) does not exist below \(root)")
        }
        return try readSpec(ContainerRecord.self, file(id))
    }

    func remove(_ id: String) throws { try Files.removeTree(directory(id)) }

    /// All ids, sorted.
    func ids() -> [String] {
        ((try? Files.list(root)) ?? []).filter { Files.exists(file($0)) }
    }

    func state(of record: ContainerRecord) -> ContainerState {
        if record.pid == 0 { return .creating }
        guard ProcessStat(record.pid)?.isAlive(startedAt: record.processStartTime) ?? false else {
            return .stopped
        }
        return Files.exists(startGate(record.id)) ? .created : .running
    }
}

/// Two members of /proc/PID/stat (proc(5)).
struct ProcessStat {
    /// A letter: `Z` for a zombie, `X` for dead.
    let state: UInt8
    /// Clock ticks since boot.
    let startTime: Int

    /// Nil where there is no such process.
    init?(_ pid: Int32) {
        guard let bytes = try? Files.read("/proc/\(pid)/stat"),
            // The name, in parentheses, may hold anything.
            let name = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[(name + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let state = fields[0].first,
            let startTime = Int(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        (self.state, self.startTime) = (state, startTime)
    }

    func isAlive(startedAt time: Int) -> Bool {
        startTime == time && state != UInt8(ascii: "Z") && state != UInt8(ascii: "X")
    }
}
