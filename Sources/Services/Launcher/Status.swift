import Dock
import Linux

/// `lab status`: what runs, where, since when, and what it takes.
public struct Status {
    package let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    /// - Returns: whether the cluster runs and every component of it.
    public func run() throws -> Bool {
        guard let dock = try RunningDock.find(layout) else {
            terminal.say("No cluster is running. Start one: Labs/lab up")
            return false
        }
        let spec = try DockSpec.read(layout.spec)
        let processes = try Processes(state: layout.state)
        terminal.say(row("COMPONENT", "PID", "MEMORY", "PROGRAM"))
        terminal.say(row("dock", "\(dock.pid)", memory([dock.pid]), "dock"))
        var complete = true
        for component in spec.components {
            complete = show(component, processes) && complete
        }
        for node in spec.nodes {
            let pids = processes.all.filter { $0.component == node.name }.map(\.pid)
            let inits = processes.nodeInit(node.name).map { "\($0.pid)" } ?? "-"
            terminal.say(row(node.name, inits, memory(pids), "node at \(node.address)"))
            for component in node.components {
                complete = show(component, processes, indent: "  ") && complete
            }
        }
        let total = ([dock.pid] + processes.all.map(\.pid)).map(
            Processes.proportionalMemory(of:)
        ).reduce(0, +)
        terminal.say("\(processes.all.count + 1) processes, \(total >> 20) MiB (proportional)")
        terminal.say("parts: \(WhoseParts(spec).sentence)")
        return complete
    }

    private func show(
        _ component: DockSpec.Component, _ processes: Processes, indent: String = ""
    ) -> Bool {
        let name = indent + component.name
        let program = component.command[0].split(separator: "/").last.map(String.init) ?? ""
        guard let found = processes.component(component.name) else {
            terminal.say(row(name, "-", "-", "not running; Labs/lab logs \(component.name)"))
            return false
        }
        // What a component starts (a kubelet its shims) carries its name in the environment too.
        let family = processes.all.filter { $0.component == component.name }.map(\.pid)
        let more = family.count > 1 ? " and \(family.count - 1) that it started" : ""
        terminal.say(row(name, "\(found.pid)", memory([found.pid]), program + more))
        return true
    }

    private func memory(_ pids: [pid_t]) -> String {
        let bytes = pids.map(Processes.proportionalMemory(of:)).reduce(0, +)
        return "\(bytes >> 20).\((bytes >> 10) % 1024 * 10 / 1024) MiB"
    }

    private func row(_ columns: String...) -> String {
        zip(columns, [16, 9, 11, 0]).map { text, width in
            text + String(repeating: " ", count: max(1, width - text.count))
        }.joined()
    }
}
