import Dock
import JSON
import Launcher
import Linux

/// What the stops of the tour share: the stock kubectl, and clients inside the cluster.
package struct Stage {
    package let layout: Layout
    let terminal: Terminal
    package let kubectl: Kubectl
    /// What the running dock was started with.
    let storeIsOurs: Bool
    /// Whether its pods have cgroups, where usage is measured.
    let hasCgroups: Bool
    let autoscalerPeriodSeconds: Int

    /// - Parameter cleaning: whether to remove first what an earlier tour left.
    package init(_ layout: Layout, _ terminal: Terminal, cleaning: Bool = true) throws {
        guard try RunningDock.find(layout) != nil else {
            throw LauncherError("no cluster is running. Start one: Labs/lab up")
        }
        (self.layout, self.terminal) = (layout, terminal)
        kubectl = Kubectl(try Setup(layout, terminal).kubectl(), layout)
        let spec = try DockSpec.read(layout.spec)
        storeIsOurs = spec.components.contains { $0.name == "raft-1" }
        hasCgroups = !spec.nodes.flatMap(\.components).contains { component in
            zip(component.command, component.command.dropFirst()).contains {
                $0 == ("--cgroup-root", "none")
            }
        }
        autoscalerPeriodSeconds = try Up.remembered(layout).autoscalerPeriodSeconds
        if cleaning { cleanUp() }
    }

    /// Why this cluster can't show what is claimed; nil where it can.
    package func reasonToSkip(_ claim: String) -> String? {
        if claim.contains("autoscaler"), !hasCgroups {
            return "usage is measured in cgroups, and this cluster has none (Labs/lab doctor)"
        }
        if claim.contains("leader"), !storeIsOurs {
            return "this cluster's store is not the kit's own"
        }
        return nil
    }

    /// Removes what an earlier tour left.
    package func cleanUp() {
        _ = try? kubectl(
            "delete", "deployment,service,horizontalpodautoscaler,configmap", "-l", "tour=drydock",
            "--ignore-not-found")
    }

    /// Fails the stop with a sentence where something does not hold.
    package func expect(_ holds: Bool, _ sentence: @autoclosure () -> String) throws {
        if !holds { throw LauncherError(sentence()) }
    }

    /// Looks again and again until `probe` gives a value.
    package func wait<Value>(
        _ what: String, seconds: Int, until probe: () throws -> Value?
    ) throws -> Value {
        let end = Clock.monotonicMilliseconds() + seconds * 1000
        var lastError = ""
        repeat {
            do {
                if let value = try probe() { return value }
            } catch { lastError = ": \(error)" }
            terminal.progress("   waiting: \(what)")
            usleep(100_000)
        } while Clock.monotonicMilliseconds() < end
        throw LauncherError("\(what): not within \(seconds) s\(lastError)")
    }

    /// A client in node-1's network, where the Service addresses are.
    package func startAsking(_ words: [String]) throws -> Asking {
        guard let node = try Processes(state: layout.state).nodeInit("node-1") else {
            throw LauncherError("node-1 is not running")
        }
        return try Asking(
            ["nsenter", "--target", "\(node.pid)", "--net"] + Inside.userOptions(of: node.pid)
                + ["--", layout.program("ask")] + words)
    }

    package func serviceAddress() throws -> String {
        try kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}") + ":80"
    }

    /// Names of the web pods that are ready.
    package func readyPods() throws -> [String] {
        let pods = try kubectl.json("get", "pods", "-l", "app=web")["items"]?.array ?? []
        return pods.filter { $0.at("metadata", "deletionTimestamp") == nil && isReady($0) }
            .compactMap { $0.at("metadata", "name")?.string }
    }

    package func isReady(_ pod: JSON) -> Bool {
        pod.at("status", "conditions")?.array?.contains {
            $0["type"] == "Ready" && $0["status"] == "True"
        } ?? false
    }
}

/// A running `ask`.
package final class Asking {
    private let child: Child
    private let output: FileDescriptor

    package init(_ command: [String]) throws {
        let pipe = try Pipe()
        child = try Child.spawn(
            command[0], command, descriptors: [1: pipe.write.raw, 2: pipe.write.raw])
        output = pipe.intoRead()
    }

    /// Its report, once it has asked all it was to ask.
    package func report() throws -> Report {
        let text = String(decoding: try output.readToEnd(), as: UTF8.self)
        try child.wait()
        guard let json = try? JSON(parsing: text) else {
            throw LauncherError("the client said: \(text)")
        }
        return Report(json: json)
    }

    /// Tells it to stop, and gives its report.
    package func stop() throws -> Report {
        child.signal(SIGTERM)
        return try report()
    }

    package struct Report {
        let json: JSON
        package var requests: Int { json["requests"]?.int ?? 0 }
        package var failed: Int { json["failed"]?.int ?? 0 }
        package var failures: String { json["failures"]?.text ?? "" }
        package var seconds: Double { json["seconds"].flatMap { Double($0.text) } ?? 0 }
        /// What was asked, over the time that it took.
        package var requestsPerSecond: Double { seconds > 0 ? Double(requests) / seconds : 0 }
        /// How often each answer came: `v1 web-7d4f…` → 104.
        package var answers: [(String, Int)] {
            json["answers"]?.object?.members.map { ($0.name, $0.value.int ?? 0) } ?? []
        }
        package func answers(of version: String) -> Int {
            answers.filter { $0.0.hasPrefix("\(version) ") }.map(\.1).reduce(0, +)
        }
    }
}
