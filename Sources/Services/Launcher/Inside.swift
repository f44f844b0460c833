import Dock
import JSON
import Linux

/// Ways into a running cluster: `lab enter`, `lab logs`, `lab kill`.
public struct Inside {
    package let layout: Layout

    public init(_ layout: Layout) { self.layout = layout }

    private static var noCluster: LauncherError {
        LauncherError("no cluster is running. Start one: Labs/lab up")
    }

    /// The words that run `command` inside all namespaces of the dock, of a node, or of a pod.
    public func enterCommand(_ target: String, _ command: [String]) throws -> [String] {
        let pid = try processOne(of: target)
        let shell =
            (target == "dock" ? storeAccess : []) + (command.isEmpty ? ["/bin/sh"] : command)
        return ["nsenter", "--target", "\(pid)", "--mount", "--uts", "--ipc", "--net", "--pid"]
            + (try Self.userOptions(of: pid)) + ["--"] + shell
    }

    /// What nsenter(1) has to be told of a process's user namespace. Root of the host enters as the dock's root; an
    /// ordinary user is that already, and may not change groups; nobody may enter his own again.
    package static func userOptions(of pid: pid_t) throws -> [String] {
        if try userNamespace(pid) == userNamespace(getpid()) { return [] }
        return ["--user"] + (geteuid() == 0 ? [] : ["--preserve-credentials"])
    }

    private static func userNamespace(_ pid: pid_t) throws -> ino_t {
        var status = stat()
        let path = "/proc/\(pid)/ns/user"
        try check("look at \(path)") { stat(path, &status) }
        return status.st_ino
    }

    /// With what etcdctl shows the store that it may ask.
    private var storeAccess: [String] {
        let files = [("CACERT", "ca.crt"), ("CERT", "client.crt"), ("KEY", "client.key")]
        return ["env", "ETCDCTL_API=3"] + files.map { "ETCDCTL_\($0)=\(layout.pki)/store/\($1)" }
    }

    /// The host's number of the process that holds the target's namespaces.
    public func processOne(of target: String) throws -> pid_t {
        guard let dock = try RunningDock.find(layout) else {
            throw Self.noCluster
        }
        if target == "dock" { return dock.pid }
        if let node = try Processes(state: layout.state).nodeInit(target) { return node.pid }
        if let pod = try podProcess(target) { return pod }
        throw LauncherError("there is no node and no pod \(target). Try: Labs/lab enter node-1")
    }

    /// A pod's first container: the process whose cgroup, or whose shim, bears the container's id.
    private func podProcess(_ target: String) throws -> pid_t? {
        let halves = target.split(separator: "/").map(String.init)
        let (namespace, name) = halves.count == 2 ? (halves[0], halves[1]) : ("default", target)
        let kubectl = Kubectl(try Setup(layout, Terminal()).kubectl(), layout)
        guard let pod = try? kubectl.json("get", "pod", name, "-n", namespace),
            let id = pod.at("status", "containerStatuses")?[0]?["containerID"]?.string?
                .split(separator: "/").last
        else { return nil }
        for process in try Processes(state: layout.state).all {
            let command = try Files.readText("/proc/\(process.pid)/cmdline").split(separator: "\0")
            // The shim is the container's parent, whatever the container has made of its environment.
            guard command.first?.hasSuffix("/shim") == true, command.contains(id) else { continue }
            return try child(of: process.pid)
        }
        return nil
    }

    private func child(of parent: pid_t) throws -> pid_t? {
        for name in try Files.list("/proc") {
            if let pid = pid_t(name), Processes.parent(of: pid) == parent { return pid }
        }
        return nil
    }

    /// SIGKILL for a component, or for a whole node. The dock starts it again.
    public func kill(_ name: String) throws -> pid_t {
        guard try RunningDock.find(layout) != nil else { throw Self.noCluster }
        let processes = try Processes(state: layout.state)
        guard let victim = processes.nodeInit(name) ?? processes.component(name) else {
            let known = Set(processes.all.map(\.component)).sorted().joined(separator: ", ")
            throw LauncherError("no component \(name) is running. There are: \(known)")
        }
        CLinux.kill(victim.pid, SIGKILL)
        return victim.pid
    }

    /// The words that show a component's log.
    public func logCommand(_ component: String, follow: Bool) throws -> [String] {
        let path = "\(layout.logs)/\(component).log"
        guard Files.exists(path) else {
            let known = ((try? Files.list(layout.logs)) ?? []).map { $0.split(separator: ".")[0] }
            throw LauncherError(
                "no log of \(component). There are: \(known.joined(separator: ", "))")
        }
        return ["tail", "-n", "200"] + (follow ? ["-F"] : []) + [path]
    }
}

/// Becomes another program: execvp(3).
public func become(_ words: [String]) throws -> Never {
    let failure: Errno = withCStrings(words) { argv in
        execvp(words[0], argv)
        return .current
    }
    throw SystemError("run \(words[0])", failure)
}
