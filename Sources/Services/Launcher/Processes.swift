import Linux

/// The cluster's processes, found in the host's /proc by the environment that the dock gives them: nothing
/// needs to be asked, so nothing needs to answer, and what a crash left behind is found too.
public struct Processes {
    public struct Found: Sendable {
        /// As the host numbers it.
        public let pid: pid_t
        public let parent: pid_t
        /// `apiserver`, `node-1`, `kubelet-2` …
        public let component: String
    }

    public let all: [Found]

    /// Looks through /proc for processes of the cluster with this state directory.
    public init(state: String) throws {
        var found: [Found] = []
        for name in try Files.list("/proc") {
            guard let pid = pid_t(name),
                let environment = try? Files.readText("/proc/\(pid)/environ")
            else { continue }
            let variables = environment.split(separator: "\0")
            guard variables.contains("DRYDOCK_STATE=\(state)"),
                let component = variables.first(where: { $0.hasPrefix("DRYDOCK_COMPONENT=") })
            else { continue }
            found.append(
                Found(
                    pid: pid, parent: Self.parent(of: pid),
                    component: String(component.dropFirst("DRYDOCK_COMPONENT=".count))))
        }
        all = found
    }

    /// The process that the dock itself started under this name, not one of its children.
    /// - Parameter program: its file's name. What a kubelet has started and left to the node's process 1 (a shim)
    ///   carries the kubelet's name too, and has the same parent: only the program tells them apart.
    public func component(_ name: String, program: String? = nil) -> Found? {
        let named = all.filter { $0.component == name }
        let pids = Set(named.map(\.pid))
        return named.first { found in
            !pids.contains(found.parent) && (program.map { Self.runs(found.pid, $0) } ?? true)
        }
    }

    /// The kernel keeps the first 15 bytes of a program's name: comm in proc(5).
    private static func runs(_ pid: pid_t, _ program: String) -> Bool {
        (try? Files.readText("/proc/\(pid)/comm")) == "\(program.prefix(15))\n"
    }

    /// Process 1 of a node: the child of its `dock node`, which carries the same name.
    public func nodeInit(_ name: String) -> Found? {
        guard let outer = component(name) else { return nil }
        return all.first { $0.component == name && $0.parent == outer.pid }
    }

    static func parent(of pid: pid_t) -> pid_t {
        // pid (name) state ppid …: the name may hold spaces and parentheses, so count from the last one.
        guard let stat = try? Files.readText("/proc/\(pid)/stat"),
            let end = stat.lastIndex(of: ")")
        else { return 0 }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        return fields.count > 1 ? pid_t(fields[1]) ?? 0 : 0
    }

    /// Proportional memory in bytes: a page shared by n processes counts 1/n in each. proc(5).
    public static func proportionalMemory(of pid: pid_t) -> Int {
        guard let rollup = try? Files.readText("/proc/\(pid)/smaps_rollup") else { return 0 }
        for line in rollup.split(separator: "\n") where line.hasPrefix("Pss:") {
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first
            return (kilobytes.flatMap { Int($0) } ?? 0) * 1024
        }
        return 0
    }
}

/// The dock that runs for a state directory, if one does.
public struct RunningDock: Sendable {
    /// The dock's process 1, as the host numbers it.
    public let pid: pid_t

    /// - Returns: nil where no dock runs.
    public static func find(_ layout: Layout) throws -> RunningDock? {
        let mark = Array("boot\0\(layout.spec)\0".utf8)
        for name in try Files.list("/proc") {
            guard let pid = pid_t(name),
                let command = try? Files.read("/proc/\(pid)/cmdline"), command.count > mark.count,
                Array(command.suffix(mark.count)) == mark
            else { continue }
            return RunningDock(pid: pid)
        }
        return nil
    }
}
