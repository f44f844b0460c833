import JSON
import Objects

extension Printer {
    static let pod = Printer(
        .name,
        Column("Ready") { pod in
            let line = PodLine(pod)
            return .string("\(line.ready)/\(line.total)")
        },
        Column("Status") { .string(PodLine($0).reason) },
        Column("Restarts", aged: { pod, now in .string(PodLine(pod).restarts(now)) }),
        .age,
        Column("IP") {
            $0.at("status", "podIPs")?[0]?["ip"] ?? $0.at("status", "podIP") ?? "<none>"
        }.wide,
        Column("Node") { $0.at("spec", "nodeName") ?? "<none>" }.wide,
        Column("Nominated Node") { $0.at("status", "nominatedNodeName") ?? "<none>" }.wide,
        Column("Readiness Gates") { .string(PodLine.gates($0)) }.wide
    )
}

/// What a pod comes down to in one line: how many of its containers are ready, and one word for its
/// state, which is
/// no phase: `Init:0/2`, `CrashLoopBackOff`, `Completed`, `Terminating`.
/// It is the phase, unless a container has a better word; init containers before the others; the
/// first
/// unfinished init container speaks, and the first of the others that has something to say.
struct PodLine {
    private(set) var total: Int
    private(set) var ready = 0
    private(set) var reason: String
    private var restartCount = 0
    private var lastRestart: Timestamp?

    init(_ pod: JSON) {
        let status = pod["status"] ?? [:]
        let spec = pod["spec"] ?? [:]
        total = spec.list("containers").count
        reason = status.isEmpty("reason") ? status.text("phase") : status.text("reason")
        let gate = status.list("conditions").first { $0.text("type") == "PodScheduled" }
        if gate?.text("reason") == "SchedulingGated" { reason = "SchedulingGated" }
        let isInitializing = readInitContainers(spec, status)
        if !isInitializing || Self.condition("Initialized", status) { readContainers(status) }
        guard pod.at("metadata", "deletionTimestamp") != nil else { return }
        if status.text("reason") == "NodeLost" {
            reason = "Unknown"
        } else if !["Succeeded", "Failed"].contains(status.text("phase")) {
            reason = "Terminating"
        }
    }

    /// `3`, or `3 (2m ago)`.
    func restarts(_ now: Int) -> String {
        guard restartCount > 0, let lastRestart else { return "\(restartCount)" }
        return "\(restartCount) (\(Age.text(now - lastRestart.seconds)) ago)"
    }

    static func gates(_ pod: JSON) -> String {
        let gates = pod["spec"]?.list("readinessGates") ?? []
        if gates.isEmpty { return "<none>" }
        let met = gates.count { condition($0.text("conditionType"), pod["status"] ?? [:]) }
        return "\(met)/\(gates.count)"
    }

    private static func condition(_ type: String, _ status: JSON) -> Bool {
        status.list("conditions").contains {
            $0.text("type") == type && $0.text("status") == "True"
        }
    }

    /// Whether an init container still stands in the way.
    private mutating func readInitContainers(_ spec: JSON, _ status: JSON) -> Bool {
        let declared = spec.list("initContainers")
        let sidecars = Set(
            declared.filter { $0.text("restartPolicy") == "Always" }.map { $0.text("name") })
        total += sidecars.count
        for (index, container) in status.list("initContainerStatuses").enumerated() {
            count(container)
            let terminated = container.at("state", "terminated")
            if terminated?["exitCode"]?.int == 0 { continue }
            if sidecars.contains(container.text("name")), container["started"]?.bool == true {
                if container["ready"]?.bool == true { ready += 1 }
                continue
            }
            let waiting = container.at("state", "waiting")?.text("reason") ?? ""
            if let terminated {
                reason = "Init:\(Self.ending(terminated))"
            } else if !waiting.isEmpty, waiting != "PodInitializing" {
                reason = "Init:\(waiting)"
            } else {
                reason = "Init:\(index)/\(declared.count)"
            }
            return true
        }
        return false
    }

    private mutating func readContainers(_ status: JSON) {
        restartCount = 0
        lastRestart = nil
        var hasRunning = false
        for container in status.list("containerStatuses").reversed() {
            count(container)
            let state = container["state"] ?? [:]
            if let waiting = state["waiting"], !waiting.isEmpty("reason") {
                reason = waiting.text("reason")
            } else if let terminated = state["terminated"] {
                reason = Self.ending(terminated)
            } else if container["ready"]?.bool == true, state["running"] != nil {
                hasRunning = true
                ready += 1
            }
        }
        if reason == "Completed", hasRunning {
            reason = Self.condition("Ready", status) ? "Running" : "NotReady"
        }
    }

    private mutating func count(_ container: JSON) {
        restartCount += container["restartCount"]?.int ?? 0
        let ended = container.at("lastState", "terminated")?.text("finishedAt") ?? ""
        if let time = Timestamp(ended) { lastRestart = max(lastRestart ?? time, time) }
    }

    /// `Error`, `OOMKilled`, or where no reason is given `Signal:9`, `ExitCode:1`.
    private static func ending(_ terminated: JSON) -> String {
        if !terminated.isEmpty("reason") { return terminated.text("reason") }
        if let signal = terminated["signal"]?.int, signal != 0 { return "Signal:\(signal)" }
        return "ExitCode:\(terminated["exitCode"]?.int ?? 0)"
    }
}
