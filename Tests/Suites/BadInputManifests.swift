import JSON
import Launcher
import Linux
import Tour

// What is sent to the API server: misspelt fields, broken YAML, images that are not there.

extension BadInput {
    private static let misspelt = """
        apiVersion: v1
        kind: Pod
        metadata: {name: misspelt}
        spec:
          nodeSelector: {no: where}
          containers:
          - name: c
            image: drydock/web:v1
            imagePullPolice: Never
        """

    static let manifestCases = [
        Case(name: "an unknown field is refused, by its path") { test in
            try test.kubectl("create", "-f", "-", input: misspelt).expect(
                status: 1,
                errors:
                    "Error from server (BadRequest): error when creating \"STDIN\": Pod in version "
                    + "\"v1\" cannot be handled as a Pod: strict decoding error: unknown field "
                    + "\"spec.containers[0].imagePullPolice\"")
            try test.kubectl("get", "pod", "misspelt").expect(
                status: 1,
                errors: "Error from server (NotFound): pods \"misspelt\" not found")
        },
        Case(name: "an unknown field is pruned with a warning under --validate=warn") { test in
            let said = try test.kubectl("create", "--validate=warn", "-f", "-", input: misspelt)
            try said.expect(
                status: 0, errors: "Warning: unknown field \"spec.containers[0].imagePullPolice\"")
            try expectPruned(test)
        },
        Case(name: "an unknown field is pruned silently under --validate=ignore") { test in
            try test.kubectl("create", "--validate=ignore", "-f", "-", input: misspelt).expect(
                status: 0, saying: "pod/misspelt created\n")
            try expectPruned(test)
        },
        Case(name: "malformed YAML is refused, with the line") { test in
            let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n labels: {}\n"
            try test.kubectl("create", "-f", "-", input: text).expect(
                status: 1,
                errors: "error: error parsing STDIN: error converting YAML to JSON: yaml: line 4: "
                    + "did not find expected key")
        },
        Case(name: "an image that is not there: ImagePullBackOff, and events that name it") {
            test in
            try test.kubectl("run", "nosuch", "--image=drydock/nosuch:v9").expect(
                status: 0, saying: "created")
            defer { _ = try? test.kubectl("delete", "pod", "nosuch", "--now") }
            let stage = try test.stage()
            var reasons: Set<String> = []
            _ = try stage.wait("ImagePullBackOff", seconds: 10) {
                let pod = try stage.kubectl.json("get", "pod", "nosuch")
                let status = pod.at("status", "containerStatuses")?[0]
                if let reason = status?.at("state", "waiting", "reason")?.string {
                    reasons.insert(reason)
                }
                return reasons.contains("ImagePullBackOff") ? true : nil
            }
            try test.expect(
                reasons.isSubset(of: ["ContainerCreating", "ErrImagePull", "ImagePullBackOff"]),
                "reasons: \(reasons.sorted())")
            _ = try stage.wait("events that name the image", seconds: 10) {
                let events = try test.kubectl("events", "--for", "pod/nosuch").output
                let failed = "Failed to pull image \"drydock/nosuch:v9\": image "
                let backOff = "Back-off pulling image \"drydock/nosuch:v9\""
                return events.contains(failed) && events.contains(backOff) ? true : nil
            }
        },
    ]

    private static func expectPruned(_ test: BadInput) throws {
        let kubectl = try test.stage().kubectl
        let pod = try kubectl.json("get", "pod", "misspelt")
        try kubectl("delete", "pod", "misspelt", "--now")
        let container = pod.at("spec", "containers")?[0]
        try test.expect(
            container?["imagePullPolice"] == nil && container?["imagePullPolicy"] == "IfNotPresent",
            "the container is \(container ?? .null)")
    }
}
