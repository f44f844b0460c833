import Launcher
import Linux
import Tour

extension ClusterTest {
    /// What users type at a running cluster: each verb of a stock kubectl, and the launcher's own commands.
    func verbs() throws -> Outcome {
        try withCluster(Up.Wishes()) {
            let outcome = BadInput(layout, terminal).outcome(BadInput.verbCases)
            if outcome.failed > 0 { keepLogs() }
            return outcome
        }
    }
}

extension BadInput {
    /// In this order: the first ones make what the later ones look at, the last one deletes it.
    static let verbCases =
        readingVerbs + changingVerbs + launcherVerbs + [
            Case(
                name: "kubectl delete: by label, by name, and pods go with their owner",
                run: deleting)
        ]

    /// kubectl that has to succeed and to say each of these.
    func verb(_ words: String..., input: String = "", saying wanted: [String]) throws {
        let program = try Setup(layout, terminal).kubectl()
        let said = try run([program, "--kubeconfig", layout.kubeconfig] + words, input: input)
        for word in wanted where said.status != 0 || !(said.output + said.errors).contains(word) {
            throw LauncherError(
                "kubectl \(words.joined(separator: " ")): status 0 and \"\(word)\" expected; status "
                    + "\(said.status) came, with:\n\(said.output)\(said.errors)")
        }
    }

    /// Runs a command beside others, until what it prints contains each of these; then ends it.
    func following(
        _ command: [String], until wanted: [String], meanwhile: () throws -> Void
    ) throws {
        let path = "\(layout.state)/followed.log"
        let log = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        let child = try Child.spawn(command[0], command, descriptors: [1: log.raw, 2: log.raw])
        defer {
            child.signal(SIGKILL)
            _ = try? child.wait()
        }
        _ = try stage().wait("the first line of \(command.joined(separator: " "))", seconds: 30) {
            try Files.readText(path).isEmpty ? nil : true
        }
        try meanwhile()
        for word in wanted {
            guard
                try eventually(
                    within: 60_000, every: 100, { try Files.readText(path).contains(word) })
            else {
                throw LauncherError(
                    "\(command.joined(separator: " ")): \"\(word)\" expected; it said:\n"
                        + (try Files.readText(path)))
            }
        }
    }

    /// A Deployment of three, its Service, and two pods that write: one that ends, one that starts anew once.
    static let verbsManifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: verbs}
        spec:
          replicas: 3
          selector: {matchLabels: {app: verbs}}
          template:
            metadata: {labels: {app: verbs}}
            spec:
              terminationGracePeriodSeconds: 5
              containers:
              - name: web
                image: drydock/web:v1
                ports: [{containerPort: 8080}]
                resources: {requests: {cpu: 50m, memory: 16Mi}}
                readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 1}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: verbs}
        spec: {selector: {app: verbs}, ports: [{port: 80, targetPort: 8080}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: writer, labels: {app: writing}}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 1
          containers:
          - name: writer
            image: drydock/busybox
            command: [sh, -c, 'echo the first word; sleep 15; echo the last word']
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: twice, labels: {app: writing}}
        spec:
          terminationGracePeriodSeconds: 1
          volumes: [{name: kept, emptyDir: {}}]
          containers:
          - name: twice
            image: drydock/busybox
            volumeMounts: [{name: kept, mountPath: /kept}]
            command: [sh, -c, 'test -e /kept/was && echo the second run && exec sleep 3600;
                touch /kept/was; echo the first run; exit 3']
        """
}
