import JSON
import Linux

/// `lab demo`: a tour that shows what the cluster can do and checks every claim that it makes.
public struct Demo {
    let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    /// One stop of the tour: what is claimed, and what proves it.
    struct Stop: Sendable {
        let claim: String
        /// - Returns: what was seen, in a few words.
        let proof: @Sendable (Stage) throws -> String
    }

    static let stops = [
        Stop(claim: "Three replicas of a web server run, behind one Service", proof: deploy),
        Stop(
            claim: "The Service's address answers from all three in about equal shares",
            proof: share),
        Stop(claim: "A deleted pod comes back", proof: heal),
        Stop(claim: "v1 rolls to v2 under load, and no request fails", proof: roll),
        Stop(claim: "A v3 that never gets ready stalls and harms nobody; undo", proof: stall),
        Stop(claim: "Load drives the autoscaler from 2 to 5 and back", proof: autoscale),
        Stop(claim: "SIGKILL of the store's leader amid writes loses none", proof: killLeader),
        Stop(claim: "Down, up, and everything is still there", proof: restart),
    ]

    /// - Returns: whether everything held.
    public func run() throws -> Bool { try tour().failed == 0 }

    /// - Parameter stops: how many of the stops, from the first.
    func tour(stops: Int = Demo.stops.count) throws -> (held: Int, failed: Int, skipped: Int) {
        let stage = try Stage(layout, terminal)
        let began = Clock.monotonicMilliseconds()
        var (held, failed, skipped) = (0, 0, 0)
        for (number, stop) in Self.stops.prefix(stops).enumerated() {
            terminal.say("\(terminal.bold("\(number + 1). \(stop.claim)"))")
            if let reason = stage.reasonToSkip(stop.claim) {
                skipped += 1
                terminal.say("   skipped: \(reason)")
                continue
            }
            let start = Clock.monotonicMilliseconds()
            do {
                let seen = try stop.proof(stage)
                held += 1
                terminal.say("   \(terminal.green("held")) in \(seconds(since: start)): \(seen)")
            } catch {
                failed += 1
                terminal.say("   \(terminal.red("did not hold")): \(error)")
            }
        }
        stage.cleanUp()
        terminal.say("")
        terminal.say(
            "\(held) held, \(failed) did not, \(skipped) skipped, in \(seconds(since: began)).")
        return (held, failed, skipped)
    }

    private func seconds(since start: Int) -> String {
        let elapsed = Clock.monotonicMilliseconds() - start
        return "\(elapsed / 1000).\(elapsed % 1000 / 100) s"
    }
}

/// What the stops of the tour share: the stock kubectl, and clients inside the cluster.
struct Stage {
    let layout: Layout
    let terminal: Terminal
    let kubectl: Kubectl
    /// What the running dock was started with.
    let storeIsOurs: Bool

    /// - Parameter cleaning: whether to remove first what an earlier tour left.
    init(_ layout: Layout, _ terminal: Terminal, cleaning: Bool = true) throws {
        guard try RunningDock.find(layout) != nil else {
            throw LauncherError("no cluster is running. Start one: Labs/lab up")
        }
        (self.layout, self.terminal) = (layout, terminal)
        kubectl = Kubectl(try Setup(layout, terminal).kubectl(), layout)
        storeIsOurs = try Processes(state: layout.state).component("raft-1") != nil
        if cleaning { cleanUp() }
    }

    func reasonToSkip(_ claim: String) -> String? {
        if claim.contains("autoscaler"), geteuid() != 0 {
            return "usage is measured in cgroups, which an ordinary user can't make here"
        }
        if claim.contains("leader"), !storeIsOurs {
            return "this cluster's store is not the kit's own"
        }
        return nil
    }

    /// Removes what an earlier tour left.
    func cleanUp() {
        _ = try? kubectl(
            "delete", "deployment,service,horizontalpodautoscaler,configmap", "-l", "tour=drydock",
            "--ignore-not-found")
    }

    /// Fails the stop with a sentence where something does not hold.
    func expect(_ holds: Bool, _ sentence: @autoclosure () -> String) throws {
        if !holds { throw LauncherError(sentence()) }
    }

    /// Looks again and again until `probe` gives a value.
    func wait<Value>(
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
    func startAsking(_ words: [String]) throws -> Asking {
        guard let node = try Processes(state: layout.state).nodeInit("node-1") else {
            throw LauncherError("node-1 is not running")
        }
        let user = geteuid() == 0 ? [] : ["--user", "--preserve-credentials"]
        return try Asking(
            ["nsenter", "--target", "\(node.pid)", "--net"] + user
                + ["--", layout.program("ask")] + words)
    }

    func serviceAddress() throws -> String {
        try kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}") + ":80"
    }

    /// Names of the web pods that are ready.
    func readyPods() throws -> [String] {
        let pods = try kubectl.json("get", "pods", "-l", "app=web")["items"]?.array ?? []
        return pods.filter { pod in
            pod.at("metadata", "deletionTimestamp") == nil
                && pod.at("status", "conditions")?.array?.contains {
                    $0["type"] == "Ready" && $0["status"] == "True"
                } ?? false
        }.compactMap { $0.at("metadata", "name")?.string }
    }
}

/// A running `ask`.
final class Asking {
    private let child: Child
    private let output: FileDescriptor

    init(_ command: [String]) throws {
        let pipe = try Pipe()
        child = try Child.spawn(
            command[0], command, descriptors: [1: pipe.write.raw, 2: pipe.write.raw])
        output = pipe.intoRead()
    }

    /// Its report, once it has asked all it was to ask.
    func report() throws -> Report {
        let text = String(decoding: try output.readToEnd(), as: UTF8.self)
        try child.wait()
        guard let json = try? JSON(parsing: text) else {
            throw LauncherError("the client said: \(text)")
        }
        return Report(json: json)
    }

    /// Tells it to stop, and gives its report.
    func stop() throws -> Report {
        child.signal(SIGTERM)
        return try report()
    }

    struct Report {
        let json: JSON
        var requests: Int { json["requests"]?.int ?? 0 }
        var failed: Int { json["failed"]?.int ?? 0 }
        var failures: String { json["failures"]?.text ?? "" }
        /// How often each answer came: `v1 web-7d4f…` → 104.
        var answers: [(String, Int)] {
            json["answers"]?.object?.members.map { ($0.name, $0.value.int ?? 0) } ?? []
        }
        func answers(of version: String) -> Int {
            answers.filter { $0.0.hasPrefix("\(version) ") }.map(\.1).reduce(0, +)
        }
    }
}
