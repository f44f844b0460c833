import JSON
import Launcher
import Linux
import Tour

// Two users on one host: root's cluster, and beside it one of somebody who may do nothing.

extension BadInput {
    static let userCases = [
        Case(
            name: "an ordinary user's cluster runs beside root's, and shows what it can",
            run: besideRoot)
    ]

    private static let nobody: UInt32 = 65534

    private func asNobody(_ words: [String]) throws -> Said {
        try run(
            [
                "setpriv", "--reuid", "\(Self.nobody)", "--regid", "\(Self.nobody)",
                "--clear-groups",
            ] + words)
    }

    private static func besideRoot(_ test: BadInput) throws {
        guard geteuid() == 0 else { throw Skip("only root can become somebody else") }
        guard try test.asNobody(["test", "-x", test.lab]).status == 0 else {
            throw Skip("\(test.lab) is in a directory that other users can't enter")
        }
        let state = "/tmp/drydock-nobody-\(getpid())"
        try Files.makeDirectories(state)
        defer { try? Files.removeTree(state) }
        try check("chown \(state)") { chown(state, nobody, nobody) }
        func lab(_ words: String...) throws -> Said {
            try test.asNobody(
                // Patience: the other cluster and the suites are at work beside it.
                ["env", "HOME=\(state)", "DRYDOCK_BUILD=no", "DRYDOCK_PATIENCE_SECONDS=120"]
                    + test.labCommand(words, state: state))
        }
        defer { _ = try? lab("down", "--force", "--purge") }
        try lab("up", "--hpa-sync-period", "2").expect(status: 0, saying: "3 nodes Ready after")
        try limitsAreDropped(test, state)
        // The whole tour, but for what needs cgroups, which is skipped by name.
        try lab("demo").expect(
            status: 0,
            saying:
                "6. Load drives the autoscaler from 2 to 5 and back\n   skipped: usage is measured in "
                + "cgroups, and this cluster has none (Labs/lab doctor)\n",
            "7 held, 0 did not, 1 skipped, in ")
        try lab("enter", "node-1", "--", "hostname").expect(status: 0, saying: "node-1\n")
        try lab("down", "--purge").expect(
            status: 0, saying: "The cluster is down.\n",
            "Its objects, keys, images and logs are removed.\n")
        try test.expect(
            !["nodes", "store", "images"].contains { Files.exists("\(state)/\($0)") },
            "the purge left something in \(state)")
        try test.kubectl("get", "nodes").expect(status: 0, saying: "node-3   Ready")
    }

    /// The pod runs without the limits that its manifest asks for, and an event says so.
    private static func limitsAreDropped(_ test: BadInput, _ state: String) throws {
        let web = try test.kubectl("apply", "-f", "-", input: Manifests.web, state: state)
        try web.expect(status: 0, saying: "deployment.apps/web created\n")
        try test.kubectl(
            "rollout", "status", "deployment/web", "--timeout=60s", state: state
        ).expect(status: 0, saying: "successfully rolled out")
        _ = try test.stage().wait("an event about the limits", seconds: 10) {
            let events = try test.kubectl("get", "events", state: state).output
            let words =
                "This node has no cgroups, so these limits are not enforced: cpu, memory"
            return events.contains(words) ? true : nil
        }
    }
}
