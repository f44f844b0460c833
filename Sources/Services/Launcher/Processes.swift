import Dock
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
    private let state: String

    /// Looks through /proc for processes of the cluster with this state directory.
    public init(state: String) throws {
        self.state = state
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

    /// The process that the dock or a node keeps running under this name, not one that it started in its turn: a
    /// kubelet's shims carry its name too, and outlive it. So it is known by its command.
    public func component(_ name: String) -> Found? {
        let named = all.filter { $0.component == name }
        if named.isEmpty { return nil }
        if let command = command(of: name) {
            let line = Array(command.joined(separator: "\0").utf8) + [0]
            return named.first { (try? Files.read("/proc/\($0.pid)/cmdline")) == line }
        }
        let pids = Set(named.map(\.pid))
        return named.first { !pids.contains($0.parent) }
    }

    /// Process 1 of a node: the child of its `dock node`, which carries the same name.
    public func nodeInit(_ name: String) -> Found? {
        // What a component starts is no node.
        guard command(of: name) == nil, let outer = component(name) else { return nil }
        return all.first { $0.component == name && $0.parent == outer.pid }
    }

    /// Of a program of the control plane or of a node; nil for what goes by another name.
    private func command(of name: String) -> [String]? {
        guard let spec = try? DockSpec.read("\(state)/run/dock.json") else { return nil }
        return (spec.components + spec.nodes.flatMap(\.components)).first { $0.name == name }?
            .command
    }

    package static func parent(of pid: pid_t) -> pid_t {
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
