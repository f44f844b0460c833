import Grading
import Linux
import PartPipe

/// `lab blame`: boots clusters with one part of the student's after the other until it is known which one breaks it.
struct Blame {
    let kit: Kit
    let screen: Screen

    /// A cluster of its own: the student's goes on running.
    private var state: String { "\(kit.root)/.drydock/blame" }

    func run(_ labs: [String]) throws -> Bool {
        screen.say(
            "Parts of yours: \(labs.joined(separator: ", ")). Each round boots a cluster and takes a minute or so."
        )
        setenv("DRYDOCK_STATE", state, 1)
        defer { _ = try? lab(["down", "--purge", "--force"]) }
        var known: [[String]: Bool] = [:]
        let finding = try BlameSearch.run(labs) { mine in
            if let fails = known[mine] { return fails }
            let what =
                mine.isEmpty ? "the reference alone" : "yours: \(mine.joined(separator: ", "))"
            screen.moving("booting with \(what)")
            let began = Clock.monotonicMilliseconds()
            let fault = try fault(with: mine)
            if Interruption.came { throw Interrupted() }
            known[mine] = fault != nil
            let seconds = (Clock.monotonicMilliseconds() - began) / 1000
            let word = fault == nil ? screen.green("works") : screen.red("fails")
            screen.say("  \(word)  \(what) (\(seconds) s)")
            if let fault { screen.say(indented: 9, fault) }
            return fault != nil
        }
        screen.say()
        switch finding {
        case .nothing:
            screen.say("With all of these parts of yours the cluster works.")
            return true
        case .reference:
            screen.say(
                "It fails with the reference alone: no part of yours is to blame. See `\(kit.command) doctor`."
            )
        case .culprits(let culprits):
            for labs in culprits { try name(labs) }
        }
        return false
    }

    private func name(_ labs: [String]) throws {
        let titles = try labs.map { "lab \($0) (\(try kit.lab($0).card().title))" }
        switch labs.count {
        case 1: screen.say(screen.bold("It is \(titles[0])."))
        case 2:
            screen.say(
                screen.bold(
                    "It is \(titles[0]) together with \(titles[1]): either alone does no harm."))
        default: screen.say(screen.bold("It is \(titles.joined(separator: ", ")), all together."))
        }
        for lab in labs { screen.say("  \(kit.command) check \(lab)") }
    }

    // MARK: one round

    /// - Returns: what fails; nil where the cluster does what a cluster is for.
    private func fault(with mine: [String]) throws -> String? {
        _ = try lab(["down", "--purge", "--force"])
        var words = ["up", "--nodes", "2", "--hpa-sync-period", "2"]
        if !mine.isEmpty { words += ["--mine", mine.joined(separator: ",")] }
        let up = try lab(words)
        defer { _ = try? lab(["down", "--purge", "--force"]) }
        guard up.succeeded else {
            return complaint() ?? "lab up: \(up.text.split(separator: "\n").last ?? "failed")"
        }
        let smoke = try SmokeTest(kubectl: kubectl(), kubeconfig: "\(state)/kubeconfig") {
            try lab($0)
        }.fault()
        // What a component says about a part explains best what could be seen from outside.
        return smoke.map { fault in fault + (complaint().map { "\n\($0)" } ?? "") }
    }

    /// The last line of the components' logs that names a part of the student's.
    private func complaint() -> String? {
        let logs = ((try? Files.list("\(state)/logs")) ?? []).filter { $0.hasSuffix(".log") }
        return logs.lazy.compactMap { log -> String? in
            let text = (try? Files.readText("\(state)/logs/\(log)")) ?? ""
            // A component that starts says `your part: /its/program`; that is no complaint.
            let line = text.split(separator: "\n").last {
                $0.contains("your part: ") && !$0.contains("your part: /")
            }
            return line.map { "\(log): \(ReportText.harmless(String($0.prefix(300))))" }
        }.first
    }

    private func kubectl() throws -> String {
        let own = "\(state)/tools/kubectl"
        let given = "\(kit.root)/.drydock/tools/kubectl"
        guard let path = [own, given].first(where: Files.exists) ?? which("kubectl")
        else {
            throw StudyError("no kubectl: `\(kit.command) demo` fetches one")
        }
        return path
    }

    private func lab(_ words: [String]) throws -> (succeeded: Bool, text: String) {
        let script = "\(kit.root)/Labs/lab"
        let result = try capture(script, [script] + words)
        return (
            result.ending.succeeded, String(decoding: result.output + result.errors, as: UTF8.self)
        )
    }
}

/// What a cluster has to be able to do; each of the parts has a hand in some of it.
struct SmokeTest {
    let kubectl: String
    let kubeconfig: String
    /// The launcher, for a look from inside a node.
    let lab: ([String]) throws -> (succeeded: Bool, text: String)

    /// - Returns: the first thing that it can't; nil where it can all.
    func fault() throws -> String? {
        let steps: [(String, () throws -> Bool)] = [
            (
                "a Deployment of 3 gets ready",
                {
                    try ask("create", "deployment", "web", "--image=drydock/web:v1", "--replicas=3")
                        && rolled()
                }
            ),
            (
                "a Service answers on its address",
                {
                    try ask("expose", "deployment", "web", "--port=80", "--target-port=8080")
                        && eventually(serves)
                }
            ),
            (
                "a deleted pod is replaced",
                { try ask("delete", "pod", "-l", "app=web", "--wait=false") && rolled() }
            ),
            (
                "a new version rolls out",
                { try ask("set", "image", "deployment/web", "*=drydock/web:v2") && rolled() }
            ),
            ("undo goes back", { try ask("rollout", "undo", "deployment/web") && rolled() }),
            (
                "an autoscaler keeps its minimum",
                {
                    try ask(
                        "autoscale", "deployment", "web", "--min=4", "--max=5", "--cpu-percent=50")
                        && eventually(hasFour)
                }
            ),
        ]
        for (claim, step) in steps {
            if Interruption.came { return nil }
            if try !step() { return "\(claim): it does not" }
        }
        return nil
    }

    private func text(_ words: [String]) throws -> (succeeded: Bool, text: String) {
        let all = [kubectl, "--kubeconfig", kubeconfig, "--request-timeout=20s"] + words
        let result = try capture(kubectl, all)
        return (result.ending.succeeded, String(decoding: result.output, as: UTF8.self))
    }

    private func ask(_ words: String...) throws -> Bool { try text(words).succeeded }

    private func rolled() throws -> Bool {
        let all = [
            kubectl, "--kubeconfig", kubeconfig, "rollout", "status", "deployment/web",
            "--timeout=60s",
        ]
        return try capture(kubectl, all).ending.succeeded
    }

    private func eventually(_ holds: () throws -> Bool) throws -> Bool {
        let isOver = try Linux.eventually(within: 30_000, every: 500) {
            try Interruption.came || holds()
        }
        return isOver && !Interruption.came
    }

    private func serves() throws -> Bool {
        let address = try text(["get", "service", "web", "-o", "jsonpath={.spec.clusterIP}"]).text
        // Not `wget -T`: Debian's static busybox dies of it.
        let answer = try lab([
            "enter", "node-1", "--", "timeout", "5", "busybox", "wget", "-qO-",
            "http://\(address)/",
        ])
        return answer.succeeded
    }

    private func hasFour() throws -> Bool {
        try text(["get", "deployment", "web", "-o", "jsonpath={.status.readyReplicas}"]).text == "4"
    }
}
