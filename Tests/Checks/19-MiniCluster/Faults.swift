import ContractMiniCluster
import Grading
import JSON
import Linux

/// A fault that can be put into a running cluster and taken out again.
struct Fault: Sendable {
    let name: String
    /// 1: an object, 2: a program, 3: a node's network.
    let drill: Int
    /// What a diagnosis may say: components as `lab status` or kubectl write them, and the cause.
    let right: [(components: [String], cause: Diagnosis.Cause)]
    /// A right answer, for those who prove the drills.
    let answer: Diagnosis
    /// What a command must not bring along itself, since its output shows the fault by it.
    let giveaways: [String]
    /// Whether a command's output shows the fault.
    let shows: @Sendable (String) -> Bool
    let plant: @Sendable (LiveCluster) throws -> Void
    let heal: @Sendable (LiveCluster) throws -> Void
}

extension Fault {
    static let all = objects + programs + networks

    /// The fault of a drill: by the seed, which differs from student to student.
    static func chosen(drill: Int, seed: Int) -> Fault {
        let choice = all.filter { $0.drill == drill }
        return choice[(seed - 1 + drill) % choice.count]
    }

    private static func object(
        _ name: String, _ component: String, _ cause: Diagnosis.Cause, _ evidence: [String],
        _ wish: Drill, _ command: String
    ) -> Fault {
        Fault(
            name: name, drill: 1, right: [([component], cause)],
            answer: Diagnosis(component: component, cause: cause, command: command),
            giveaways: evidence,
            shows: { output in evidence.contains { output.contains($0) } },
            plant: { try $0.apply(wish.manifest) },
            heal: { try $0.apply(Drill().manifest) })
    }

    static let objects: [Fault] = [
        object(
            "image", "deployment/shop", .imageMissing, ["ErrImagePull", "ImagePullBackOff"],
            Drill(image: "drydock/web:v9"), "kubectl get pods -n drill"),
        object(
            "selector", "service/shop", .selectorMatchesNothing, ["shopp", "<unset>"],
            Drill(selector: "shopp"), "kubectl get service shop -n drill -o yaml"),
        object(
            "request", "deployment/shop", .requestTooBig, ["Insufficient cpu", "Pending"],
            Drill(cpu: "64"), "kubectl describe pods -n drill"),
        object(
            "probe", "deployment/shop", .probeWrong, ["Unhealthy", "0/1", "9999"],
            Drill(probePort: 9999), "kubectl describe deployment shop -n drill"),
    ]

    /// SIGSTOP: the process stays, so that nobody starts it again, and does nothing.
    private static func stopped(
        _ component: String, _ evidence: [String], _ command: String
    ) -> Fault {
        @Sendable func send(_ signal: Int32, _ cluster: LiveCluster) throws {
            for process in try cluster.processes().all where process.component == component {
                kill(process.pid, signal)
            }
        }
        return Fault(
            name: "stopped \(component)", drill: 2, right: [([component], .processStopped)],
            answer: Diagnosis(component: component, cause: .processStopped, command: command),
            giveaways: evidence,
            shows: { output in evidence.contains { output.contains($0) } },
            plant: {
                try send(SIGSTOP, $0)
                // Something that the stopped program would have had to do.
                _ = try $0.kubectl(["scale", "deployment/shop", "-n", "drill", "--replicas=8"])
            },
            heal: { try send(SIGCONT, $0) })
    }

    static let programs: [Fault] = [
        stopped("rollout", ["3/8"], "kubectl get deployments -n drill"),
        stopped("selectors", ["3/8"], "kubectl get deployments -n drill"),
        stopped("scheduler", ["3/8", "Pending"], "kubectl get pods -n drill"),
        stopped(
            "kubelet-2", ["NotReady", "Unknown", "Pending", "ContainerCreating"],
            "kubectl get pods -n drill -o wide"),
    ]

    static let networks: [Fault] = [
        Fault(
            name: "rules flushed", drill: 3,
            right: [
                (["node-2", "proxy-2"], .rulesMissing), (["proxy-2"], .processStopped),
            ],
            answer: Diagnosis(
                component: "proxy-2", cause: .rulesMissing,
                command: "lab enter node-2 -- iptables -t nat -S KUBE-SERVICES"),
            giveaways: ["*nat"],
            shows: { output in
                // In iptables-save's text nothing leads to the Services any more; in a list of one chain
                // there is none.
                output.contains("*nat")
                    ? !output.contains("-j KUBE-SERVICES")
                    : output.contains("KUBE-SERVICES") && !output.contains("KUBE-SVC-")
            },
            plant: { cluster in
                for process in try cluster.processes().all where process.component == "proxy-2" {
                    kill(process.pid, SIGSTOP)
                }
                for chain in ["PREROUTING", "OUTPUT"] {
                    _ = try cluster.lab(
                        ["enter", "node-2", "--", "iptables", "-t", "nat", "-F", chain])
                }
                _ = try cluster.lab(
                    ["enter", "node-2", "--", "iptables", "-t", "nat", "-F", "KUBE-SERVICES"])
            },
            heal: { cluster in
                for process in try cluster.processes().all where process.component == "proxy-2" {
                    kill(process.pid, SIGCONT)
                }
                // Started again, it looks at the kernel's rules first, and mends them.
                _ = try cluster.lab(["kill", "proxy-2"])
            }),
        Fault(
            name: "route gone", drill: 3, right: [(["node-2"], .routeMissing)],
            answer: Diagnosis(
                component: "node-2", cause: .routeMissing, command: "lab enter node-2 -- ip route"),
            giveaways: ["10.244."],
            shows: { $0.contains("10.244.3.0/24") && !$0.contains("10.244.1.0/24") },
            plant: {
                _ = try $0.lab(["enter", "node-2", "--", "ip", "route", "del", "10.244.1.0/24"])
            },
            heal: { cluster in
                _ = try cluster.lab([
                    "enter", "node-2", "--", "ip", "route", "replace", "10.244.1.0/24", "via",
                    "10.88.0.11",
                ])
            }),
    ]
}

/// The shop that the drills are about, right or with one thing wrong.
struct Drill: Sendable {
    var image = "drydock/web:v1"
    var selector = "shop"
    var cpu = "10m"
    var probePort = 8080

    var manifest: String {
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: drill}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: shop, namespace: drill}
        spec:
          replicas: 3
          selector: {matchLabels: {app: shop}}
          strategy: {type: Recreate}
          template:
            metadata: {labels: {app: shop}}
            spec:
              containers:
              - name: shop
                image: \(image)
                resources: {requests: {cpu: "\(cpu)"}}
                readinessProbe: {httpGet: {path: /ready, port: \(probePort)}, periodSeconds: 1}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: shop, namespace: drill}
        spec:
          selector: {app: \(selector)}
          ports: [{port: 80, targetPort: 8080}]
        """
    }
}
