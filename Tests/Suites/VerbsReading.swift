import JSON
import Launcher
import Linux
import Tour

// kubectl's verbs that look: get in every form, describe, logs, top, events, explain.

extension BadInput {
    static let readingVerbs = [
        Case(name: "kubectl apply and create -f make, say what changed, and refuse a second create")
        {
            let all = ["deployment.apps/verbs", "service/verbs", "pod/writer", "pod/twice"]
            try $0.verb(
                "apply", "-f", "-", input: verbsManifest, saying: all.map { "\($0) created" })
            try $0.verb(
                "apply", "-f", "-", input: verbsManifest, saying: all.map { "\($0) unchanged" })
            let map = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"verbs"}}"#
            try $0.verb("create", "-f", "-", input: map, saying: ["configmap/verbs created"])
            try $0.kubectl("create", "-f", "-", input: map).expect(
                status: 1, saying: "(AlreadyExists)", "configmaps \"verbs\" already exists")
            try $0.verb(
                "rollout", "status", "deployment/verbs", "--timeout=120s",
                saying: ["deployment \"verbs\" successfully rolled out"])
        },
        // Early: while the container still has something to say.
        Case(name: "kubectl logs, logs -f to the container's end, logs --previous", run: logs),
        Case(name: "kubectl get: tables, -o wide, yaml, json, -l, -A", run: getting),
        Case(name: "kubectl get -w shows a change as a row of the table") { test in
            let kubectl = try Setup(test.layout, test.terminal).kubectl()
            let watch = [
                kubectl, "--kubeconfig", test.layout.kubeconfig, "get", "deployment", "verbs", "-w",
            ]
            try test.following(watch, until: ["UP-TO-DATE", " 3/4 ", " 4/4 "]) {
                try test.verb("scale", "deployment/verbs", "--replicas=4", saying: ["scaled"])
            }
            try test.verb("scale", "deployment/verbs", "--replicas=3", saying: ["scaled"])
            // kubectl describes a pod that is going away in wider columns.
            _ = try test.stage().wait("the fourth pod is gone", seconds: 60) {
                let pods = try test.kubectl("get", "pods", "-l", "app=verbs", "-o", "name").output
                return pods.split(separator: "\n").count == 3 ? true : nil
            }
        },
        Case(name: "kubectl describe: pod, deployment, service, node", run: describing),
        Case(name: "the events of a rollout, and why a pod finds no node", run: events),
        Case(name: "kubectl top pods, top nodes", run: top),
        Case(name: "kubectl api-resources, explain, auth can-i", run: asking),
    ]

    private static func logs(_ test: BadInput) throws {
        let stage = try test.stage()
        _ = try stage.wait("the writer's first word", seconds: 60) {
            try test.kubectl("logs", "writer").output == "the first word\n" ? true : nil
        }
        // Ends by itself, with the container.
        let followed = try test.kubectl("logs", "-f", "writer")
        try test.expect(
            followed.status == 0 && followed.output == "the first word\nthe last word\n",
            "logs -f: \(followed)")
        _ = try stage.wait("the second run", seconds: 120) {
            try test.kubectl("logs", "twice").output == "the second run\n" ? true : nil
        }
        let previous = try test.kubectl("logs", "--previous", "twice")
        try test.expect(previous.output == "the first run\n", "logs --previous: \(previous)")
    }

    private static func getting(_ test: BadInput) throws {
        try test.verb(
            "get", "deployments,services",
            saying: [
                "READY   UP-TO-DATE   AVAILABLE   AGE", "deployment.apps/verbs   3/3", "CLUSTER-IP",
            ])
        try test.verb(
            "get", "pods", "-o", "wide", "-l", "app=verbs",
            saying: [
                "NAME", "IP", "NODE", "READINESS GATES", "1/1     Running", " 10.244.", " node-",
            ])
        try test.verb(
            "get", "nodes", "-o", "wide",
            saying: ["INTERNAL-IP", "10.88.0.11", "CONTAINER-RUNTIME"])
        try test.verb(
            "get", "deployment", "verbs", "-o", "yaml",
            saying: ["apiVersion: apps/v1\n", "kind: Deployment\n", "image: drydock/web:v1\n"])
        let json = try JSON(
            parsing: try test.kubectl("get", "deploy", "verbs", "-o", "json").output)
        try test.expect(json.at("status", "readyReplicas")?.int == 3, "readyReplicas: \(json.text)")
        let names = try test.kubectl("get", "pods", "-l", "app=verbs", "-o", "name").output
        try test.expect(names.split(separator: "\n").count == 3, "three pods expected: \(names)")
        try test.verb(
            "get", "pods", "-l", "app in (nosuch)",
            saying: ["No resources found in default namespace."])
        try test.verb("get", "pods", "-A", saying: ["NAMESPACE   NAME", "default     verbs-"])
    }

    private static func describing(_ test: BadInput) throws {
        let pod = try test.kubectl("get", "pods", "-l", "app=verbs", "-o", "name").output
        let first = String(pod.prefix { $0 != "\n" })
        try test.verb(
            "describe", first,
            saying: [
                "Namespace:        default", "Node:             node-",
                "Labels:           app=verbs",
                "Controlled By:  ReplicaSet/verbs-", "Image:          drydock/web:v1",
                "Readiness:", "Events:", "Scheduled",
            ])
        try test.verb(
            "describe", "deployment", "verbs",
            saying: [
                "Replicas:               3 desired | 3 updated | 3 total | 3 available | 0 unavailable",
                "StrategyType:           RollingUpdate", "NewReplicaSet:   verbs-",
                "ScalingReplicaSet",
            ])
        try test.verb(
            "describe", "service", "verbs",
            saying: ["Selector:", "app=verbs", "TargetPort:", "8080/TCP", "Endpoints:", "10.244."])
        try test.verb(
            "describe", "node", "node-1",
            saying: [
                "Roles:", "Conditions:", "KubeletReady", "Allocatable:", "Non-terminated Pods:",
            ])
    }

    private static func events(_ test: BadInput) throws {
        let big = """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"too-big"},"spec":{"containers":[
            {"name":"web","image":"drydock/web:v1","resources":{"requests":{"cpu":"64"}}}]}}
            """
        try test.verb("create", "-f", "-", input: big, saying: ["pod/too-big created"])
        let wanted = [
            ("SuccessfulCreate", "Created pod: verbs-"),
            ("ScalingReplicaSet", "Scaled up replica set verbs-"),
            ("Scheduled", "Successfully assigned default/verbs-"),
            ("FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu."),
        ]
        for (reason, message) in wanted {
            _ = try test.stage().wait("an event \(reason): \(message)", seconds: 30) {
                let events = try test.kubectl(
                    "get", "events", "--field-selector", "reason=\(reason)")
                return events.output.contains(message) ? true : nil
            }
        }
        try test.verb(
            "events", "--for", "deployment/verbs",
            saying: ["ScalingReplicaSet", "Deployment/verbs"])
        try test.verb("get", "pod", "too-big", saying: ["Pending"])
        try test.verb("delete", "pod", "too-big", saying: ["pod \"too-big\" deleted"])
    }

    /// Usage is counted in cgroups, every fifteen seconds or so.
    private static func top(_ test: BadInput) throws {
        guard geteuid() == 0, try test.lab("doctor").output.contains("cgroups: can be made") else {
            throw Skip("no cgroups can be made here, so no usage is measured")
        }
        _ = try test.stage().wait("kubectl top pods", seconds: 90) {
            let said = try test.kubectl("top", "pods", "-l", "app=verbs")
            let lines = said.output.split(separator: "\n")
            return said.status == 0 && lines.count == 4 && lines[0].contains("CPU(cores)")
                && lines[0].contains("MEMORY(bytes)") && lines[1].hasPrefix("verbs-") ? true : nil
        }
        try test.verb("top", "nodes", saying: ["MEMORY(%)", "node-1", "node-2", "node-3"])
    }

    private static func asking(_ test: BadInput) throws {
        try test.verb(
            "api-resources",
            saying: ["SHORTNAMES", "deployments", "deploy", "apps/v1", "events", "autoscaling/v2"])
        try test.verb(
            "explain", "deployment.spec.strategy",
            saying: ["KIND:       Deployment", "FIELD: strategy", "rollingUpdate"])
        try test.verb("auth", "can-i", "delete", "deployments", saying: ["yes\n"])
        let config = try JSON(parsing: try Files.read(test.layout.kubeconfig))
        let server = config["clusters"]?[0]?.at("cluster", "server")?.string ?? ""
        let node = try Setup(test.layout, test.terminal).kubectl()
        try test.run([
            node, "--kubeconfig", "\(test.layout.pki)/node-1.kubeconfig", "--server", server,
            "auth", "can-i", "delete", "deployments",
        ]).expect(status: 1, saying: "no\n")
    }
}
