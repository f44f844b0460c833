import ArgumentParser
import Launcher
import Linux

struct UpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Set up what is missing, build, boot, wait for the nodes.",
        discussion: """
            EXAMPLES
              Labs/lab up --nodes 1
              Labs/lab up --store etcd --runtime /usr/sbin/runc
              Labs/lab up --mine 06,10
            """)

    // Optional, so that a wish that was typed can be told from one that is usual.
    @Option(help: "How many nodes, 1 to 9 (usually 3).")
    var nodes: Int?
    @Option(
        help:
            "raft (ours, three members; the usual), etcd (Debian's, in the dock), or etcd endpoints."
    )
    var store: String?
    @Option(help: "Another OCI runtime, such as /usr/sbin/runc.")
    var runtime: String?
    @Option(help: "Labs whose part is yours, by number and comma.")
    var mine: String?
    @Option(help: "Labs whose part is the reference, but behind the pipe as yours would be.")
    var piped: String?
    @Option(
        name: .customLong("hpa-sync-period"),
        help: "Seconds between looks of the autoscaler (usually 15).")
    var hpaSyncPeriod: Int?
    @Flag(
        help:
            "As root: the dock's root is this host's root, with loop devices, mknod and BPF. A pod can then harm the host."
    )
    var hostRoot = false

    func validate() throws {
        if let nodes, !(1...9).contains(nodes) { throw ValidationError("--nodes takes 1 to 9") }
        if let hpaSyncPeriod, hpaSyncPeriod < 1 {
            throw ValidationError("--hpa-sync-period is at least 1")
        }
    }

    func run() throws {
        try reporting { layout, terminal in
            let (wishes, named) = try asked()
            try Up(wishes, naming: named, layout.settled(terminal), terminal).run()
        }
    }

    private func asked() throws -> (Up.Wishes, named: Set<Up.Wishes.Option>) {
        var wishes = Up.Wishes()
        var named: Set<Up.Wishes.Option> = []
        func take<Value>(_ value: Value?, _ option: Up.Wishes.Option, _ use: (Value) throws -> Void)
            throws
        {
            guard let value else { return }
            named.insert(option)
            try use(value)
        }
        func labs(_ list: String) -> [String] { list.split(separator: ",").map(String.init) }
        try take(nodes, .nodes) { wishes.nodes = $0 }
        try take(store, .store) { wishes.store = try Up.store($0) }
        try take(runtime, .runtime) { wishes.runtime = $0 }
        try take(mine, .mine) { wishes.mine = labs($0) }
        try take(piped, .piped) { wishes.piped = labs($0) }
        try take(hpaSyncPeriod, .autoscalerPeriod) { wishes.autoscalerPeriodSeconds = $0 }
        try take(hostRoot ? true : nil, .hostRoot) { wishes.isHostRoot = $0 }
        return (wishes, named)
    }
}

struct DownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "Stop the cluster; its objects stay on disk.",
        discussion: "EXAMPLE\n  Labs/lab down --purge   and forget everything in it")

    @Flag(help: "SIGKILL; the kernel cleans up.")
    var force = false
    @Flag(help: "Remove the cluster's objects, keys, images and logs too.")
    var purge = false

    func run() throws {
        try reporting { try Down($0, $1).run(force: force, purge: purge) }
    }
}

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What runs, and what it takes.",
        discussion: "EXAMPLE\n  Labs/lab status || Labs/lab up")

    func run() throws {
        try reporting { if try !Status($0, $1).run() { throw ExitCode(1) } }
    }
}

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "The log of a component.",
        discussion: "EXAMPLES\n  Labs/lab logs apiserver -f\n  Labs/lab logs kubelet-1")

    @Argument(help: "apiserver, raft-1, kubelet-2, dock, node-1 …")
    var component: String
    @Flag(name: .shortAndLong, help: "Go on showing what comes.")
    var follow = false

    func run() throws {
        try reporting { layout, _ in
            try become(try Inside(layout).logCommand(component, follow: follow))
        }
    }
}

struct EnterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enter",
        abstract: "Run a command, or a shell, inside a node, a pod or the dock.",
        discussion: """
            EXAMPLES
              Labs/lab enter node-1
              Labs/lab enter node-1 -- iptables-save -t nat
              Labs/lab enter web-5f7d9c-abcde -- wget -qO- http://127.0.0.1:8080/
              Labs/lab enter dock -- etcdctl --endpoints https://10.88.0.1:2379 get --prefix /registry
            """)

    @Argument(help: "node-1, a pod, namespace/pod, or dock.")
    var target: String
    @Argument(parsing: .postTerminator, help: "The command; a shell without one.")
    var command: [String] = []

    func run() throws {
        try reporting { layout, _ in
            try become(try Inside(layout).enterCommand(target, command))
        }
    }
}

struct KillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill", abstract: "SIGKILL a component or a whole node, to see it come back.",
        discussion: "EXAMPLES\n  Labs/lab kill raft-1\n  Labs/lab kill node-2")

    @Argument(help: "A component or a node.")
    var name: String

    func run() throws {
        try reporting { layout, terminal in
            terminal.say("killed \(name) (process \(try Inside(layout).kill(name)))")
        }
    }
}

/// Runs a command; an error is one clear sentence on standard error and exit status 1.
func reporting(_ body: (Layout, Terminal) throws -> Void) throws {
    do {
        try body(try Layout.fromEnvironment(), Terminal())
    } catch let exit as ExitCode {
        throw exit
    } catch {
        printError("lab: \(error)")
        throw ExitCode(1)
    }
}
