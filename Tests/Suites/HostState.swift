import Dock
import Launcher
import Linux
import Tour

/// What of the host a cluster could leave something in, quoted.
struct HostState {
    let facts: [(name: String, value: String)]

    /// - Throws: where one of the tools that say it fails: nothing equals nothing.
    static func read() throws -> HostState {
        // Counters and comments of iptables-save change by themselves.
        let rules = try output("iptables-save").split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: "[")[0] }.joined(separator: "\n")
        var facts = [
            ("mounts", try Files.readText("/proc/self/mountinfo")),
            (
                "interfaces",
                try output("ip", "-o", "link").split(separator: "\n")
                    .map { $0.prefix { $0 != "<" } }.joined(separator: "\n")
            ),
            ("routes", try output("ip", "route", "show", "table", "all")), ("rules", rules),
        ]
        // Debian's iptables is one view of them; this is the other, where it is installed.
        if which("nft") != nil { facts.append(("nft rules", try output("nft", "list", "ruleset"))) }
        guard facts[1].1.contains("lo:") else { throw LauncherError("ip shows no lo") }
        return HostState(facts: facts)
    }

    private static func output(_ words: String...) throws -> String {
        let result = try capture(words[0], words)
        guard result.ending.succeeded else {
            throw LauncherError(
                "\(words.joined(separator: " ")) \(result.ending): "
                    + String(decoding: result.errors, as: UTF8.self))
        }
        return String(decoding: result.output, as: UTF8.self)
    }

    func differences(to other: HostState) -> [String] {
        zip(facts, other.facts).filter { $0.value != $1.value }.map {
            "\($0.name) of the host differ:\n\($0.value)\n— and then —\n\($1.value)"
        }
    }
}

/// What one cluster has of the host's kernel while it runs, so that it can be told afterwards what of it is still
/// there, whatever else is at work on the host.
struct Belongings {
    private let state: String
    private let tag: String
    /// `pid:[4026532301]`, `net:[…]`: of the dock, its nodes and its pods.
    private let namespaces: Set<String>
    private static let kinds = ["pid", "net", "mnt"]

    /// Reads them off the running cluster.
    init(of layout: Layout) throws {
        (state, tag) = (layout.state, try DockSpec.read(layout.spec).tag)
        guard let dock = try RunningDock.find(layout) else {
            throw LauncherError("the dock is gone")
        }
        let hosts = Set(try Self.kinds.map { try Self.namespace($0, of: "self") })
        // What carries the cluster's name, and all that is below: containers carry their own.
        var pids: Set<pid_t> = Set(try Processes(state: state).all.map(\.pid)).union([dock.pid])
        var parents: [pid_t: pid_t] = [:]
        for name in try Files.list("/proc") {
            if let pid = pid_t(name) { parents[pid] = Processes.parent(of: pid) }
        }
        while true {
            let children = parents.filter { pids.contains($0.value) && !pids.contains($0.key) }.keys
            if children.isEmpty { break }
            pids.formUnion(children)
        }
        namespaces = Set(
            pids.flatMap { pid in
                Self.kinds.compactMap { try? Self.namespace($0, of: "\(pid)") }
            }
        ).subtracting(hosts)
        guard namespaces.filter({ $0.hasPrefix("net:") }).count >= 2 else {
            throw LauncherError("the running cluster has only these namespaces: \(namespaces)")
        }
    }

    private static func namespace(_ kind: String, of process: String) throws -> String {
        var buffer = [CChar](repeating: 0, count: 64)
        let path = "/proc/\(process)/ns/\(kind)"
        let count = try check("readlink \(path)") { readlink(path, &buffer, buffer.count) }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Processes that carry the cluster's name, or are in one of its namespaces; namespaces that a mount keeps alive.
    func left() throws -> [String] {
        var left = try Processes(state: state).all.map { "process \($0.pid), \($0.component)" }
        for pid in try Files.list("/proc") where pid_t(pid) != nil {
            let its = Self.kinds.compactMap { try? Self.namespace($0, of: pid) }
            let shared = namespaces.intersection(its).sorted()
            if !shared.isEmpty { left.append("process \(pid) in \(shared)") }
        }
        let mounts = try Files.readText("/proc/self/mountinfo")
        return left + namespaces.filter(mounts.contains).map { "\($0), mounted" }
    }

    /// The cluster's directories in all of the host's hierarchies, wherever they lie.
    func cgroups() -> [String] { Self.directories("/sys/fs/cgroup", named: "drydock-\(tag)") }

    /// Those of them that have processes.
    func busyCgroups() -> [String] {
        cgroups().filter { (try? Files.readText("\($0)/cgroup.procs")).map { !$0.isEmpty } ?? true }
    }

    private static func directories(
        _ path: String, named name: String, inside: Bool = false
    ) -> [String] {
        guard Files.isDirectory(path), let names = try? Files.list(path) else { return [] }
        let own = inside || path.hasSuffix("/\(name)")
        return (own ? [path] : [])
            + names.flatMap { directories("\(path)/\($0)", named: name, inside: own) }
    }
}
