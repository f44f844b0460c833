import JSON
import Launcher
import Linux
import Tour

// kubectl's verbs that change, and the launcher's own commands where all is well.

extension BadInput {
    static let changingVerbs = [
        Case(name: "kubectl scale, set image, rollout status, history, undo", run: rolling),
        Case(name: "kubectl label, patch in three kinds, wait", run: patching),
    ]

    private static func rolling(_ test: BadInput) throws {
        let status = { (test: BadInput) in
            try test.verb(
                "rollout", "status", "deployment/verbs", "--timeout=120s",
                saying: ["deployment \"verbs\" successfully rolled out"])
        }
        try test.verb(
            "scale", "deployment/verbs", "--replicas=2", saying: ["deployment.apps/verbs scaled"])
        try test.verb(
            "set", "image", "deployment/verbs", "web=drydock/web:v2",
            saying: ["deployment.apps/verbs image updated"])
        try status(test)
        let history = try test.kubectl("rollout", "history", "deployment/verbs")
        let revisions = history.output.split(separator: "\n").compactMap {
            Int($0.prefix { $0.isNumber })
        }
        try test.expect(revisions == [1, 2], "history: \(history)")
        try test.verb(
            "rollout", "history", "deployment/verbs", "--revision=2",
            saying: ["deployment.apps/verbs with revision #2", "drydock/web:v2"])
        try test.verb(
            "rollout", "undo", "deployment/verbs", saying: ["deployment.apps/verbs rolled back"])
        try status(test)
        try test.verb(
            "get", "deployment", "verbs", "-o", "wide", saying: ["2/2", "drydock/web:v1"])
    }

    private static func patching(_ test: BadInput) throws {
        try test.verb(
            "label", "deployment", "verbs", "tier=front", saying: ["deployment.apps/verbs labeled"])
        try test.verb(
            "get", "deployments", "-l", "tier=front", "-L", "tier", saying: ["TIER", "front"])
        try test.verb("label", "deployment", "verbs", "tier-", saying: ["verbs unlabeled"])
        let patches = [
            ("strategic", #"{"spec":{"replicas":3}}"#, 3),
            ("merge", #"{"spec":{"replicas":1}}"#, 1),
            ("json", #"[{"op":"replace","path":"/spec/replicas","value":2}]"#, 2),
        ]
        for (type, patch, replicas) in patches {
            try test.verb(
                "patch", "deployment", "verbs", "--type", type, "-p", patch,
                saying: ["deployment.apps/verbs patched"])
            try test.verb(
                "wait", "deployment/verbs", "--timeout=120s",
                "--for=jsonpath={.status.readyReplicas}=\(replicas)",
                saying: ["deployment.apps/verbs condition met"])
        }
        try test.verb(
            "wait", "deployment/verbs", "--for=condition=Available", "--timeout=60s",
            saying: ["deployment.apps/verbs condition met"])
    }

    /// Runs last: takes away what the others looked at.
    static func deleting(_ test: BadInput) throws {
        try test.verb(
            "delete", "pods", "-l", "app=writing",
            saying: ["pod \"writer\" deleted", "pod \"twice\" deleted"])
        try test.verb(
            "delete", "deployment/verbs", "service/verbs", "configmap/verbs",
            saying: [
                "deployment.apps \"verbs\" deleted", "service \"verbs\" deleted",
                "configmap \"verbs\" deleted",
            ])
        try test.kubectl("get", "deployment", "verbs").expect(
            status: 1,
            errors: "Error from server (NotFound): deployments.apps \"verbs\" not found")
        try test.verb(
            "wait", "pods", "-l", "app=verbs", "--for=delete", "--timeout=60s", saying: [])
        try test.verb("get", "pods", saying: ["No resources found in default namespace."])
    }
}
