import Dock
import JSON
import Launcher
import Linux
import Tour

// Every process that the dock and its nodes keep running, killed one after the other.

extension BadInput {
    static let restartCases = [
        Case(
            name: "every component, killed, is back within 5 s with nothing lost",
            run: killEachComponent)
    ]

    private static func killEachComponent(_ test: BadInput) throws {
        let stage = try test.deployed()
        let spec = try DockSpec.read(test.layout.spec)
        let components = spec.components + spec.nodes.flatMap(\.components)
        let names = components.map(\.name)
        try test.expect(names.count >= 3 + 7 + 3 * 2, "components: \(names)")
        let before = try test.containers(stage)
        for component in components {
            let name = component.name
            // What it started carries its name too.
            let program = try Files.readText("/proc/\(try test.pid(name))/cmdline")
            try test.expect(
                program.hasPrefix(component.command[0] + "\0"), "\(name) is found as \(program)")
            // What was acknowledged just before is what a death could lose.
            let written = try test.kubectl("create", "configmap", "before-\(name)")
            try written.expect(status: 0, saying: "created")
            try test.killAndAwait(name)
            _ = try stage.wait("an answer after the death of \(name)", seconds: 10) {
                let maps = try test.kubectl("get", "configmap", "before-\(name)", "-o", "name")
                return maps.status == 0 ? true : nil
            }
        }
        let maps = try stage.kubectl("get", "configmaps", "-o", "name")
        for name in names {
            try test.expect(maps.contains("/before-\(name)\n"), "before-\(name) is lost")
        }
        let after = try stage.wait("three pods ready", seconds: 20) {
            let now = try test.containers(stage)
            return now.allSatisfy { !$0.hasSuffix("not ready") } ? now : nil
        }
        try test.expect(after == before, "containers: \(before), then \(after)")
        try allWork(test, stage)
    }

    /// What each of them does is done again: pods are made, placed, run and found; a roll rolls.
    private static func allWork(_ test: BadInput, _ stage: Stage) throws {
        let now = try stage.kubectl(
            "get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
        let next = now.hasSuffix("v1") ? "v2" : "v1"
        try stage.kubectl("set", "image", "deployment/web", "web=drydock/web:\(next)")
        try stage.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
        let report = try stage.wait("the Service answers with \(next) from all three", seconds: 20)
        {
            let report = try stage.startAsking([
                try stage.serviceAddress(), "--rate", "100", "--count", "60",
            ]).report()
            return report.failed == 0 && report.answers.count == 3
                && report.answers(of: next) == 60 ? report : nil
        }
        try test.expect(report.requests == 60, "\(report.requests) answers of 60")
        // Who comes next finds a cluster at rest: no pod of the old template drains any more.
        _ = try stage.wait("the old pods' end", seconds: 30) { () -> Bool? in
            let before = try Processes(state: test.layout.state).all.map(\.pid)
            guard try test.containers(stage).count == 3 else { return nil }
            usleep(500_000)
            return try Processes(state: test.layout.state).all.map(\.pid) == before ? true : nil
        }
    }
}
