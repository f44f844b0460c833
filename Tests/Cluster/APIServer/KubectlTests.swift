import JSON
import Linux
import Testing

/// The stock kubectl against the real server over a real etcd.
@Suite("Stock kubectl", .serialized)
struct KubectlTests {
    static let deployment = """
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
          "replicas": 3, "selector": {"matchLabels": {"app": "web"}},
          "template": {"metadata": {"labels": {"app": "web"}},
                       "spec": {"containers": [{"name": "web", "image": "drydock/web:v1"}]}}}}
        """
    static let pod = """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"app": "p"}},
         "spec": {"containers": [{"name": "c", "image": "busybox"}]}}
        """

    @Test("It applies, changes, scales, labels and deletes a Deployment")
    func deployment() async throws {
        try await Rig.with { rig in
            let apply = { try rig.kubectl("apply", "-f", "-", input: Self.deployment).text }
            try #expect(apply() == "deployment.apps/web created")
            try #expect(apply() == "deployment.apps/web unchanged")
            try #expect(
                rig.kubectl("scale", "deployment/web", "--replicas=5").text
                    == "deployment.apps/web scaled")
            try #expect(
                rig.kubectl("set", "image", "deployment/web", "web=drydock/web:v2").text
                    == "deployment.apps/web image updated")
            let wanted =
                "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image} {.metadata.generation}"
            try #expect(
                rig.kubectl("get", "deployment", "web", "-o", wanted).text
                    == "5 drydock/web:v2 3")
            try #expect(
                rig.kubectl("label", "deployment", "web", "x=y").text
                    == "deployment.apps/web labeled")
            // Labels are no part of what is wanted.
            try #expect(
                rig.kubectl("get", "deployment", "web", "-o", "jsonpath={.metadata.generation}")
                    .text == "3")
            try #expect(
                rig.kubectl("delete", "deployment", "web").text
                    == "deployment.apps \"web\" deleted")
            try #expect(
                rig.kubectl("get", "deployment", "web").text
                    == "Error from server (NotFound): deployments.apps \"web\" not found")
        }
    }

    @Test("Its protobuf bodies are read: create configmap, deployment, namespace; can-i; whoami")
    func protobuf() async throws {
        try await Rig.with { rig in
            try #expect(rig.kubectl("create", "namespace", "n").text == "namespace/n created")
            try #expect(
                rig.kubectl("create", "configmap", "c", "-n", "n", "--from-literal=a=1").text
                    == "configmap/c created")
            try #expect(
                rig.kubectl("get", "cm", "c", "-n", "n", "-o", "jsonpath={.data.a}").text == "1"
            )
            try #expect(
                rig.kubectl("create", "deployment", "d", "--image=x").text
                    == "deployment.apps/d created")
            try #expect(rig.kubectl("auth", "can-i", "create", "pods").text == "yes")
            try #expect(
                rig.kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}").text
                    == "kubernetes-admin")
        }
    }

    @Test("What is wrong is refused in the stock server's words")
    func refusals() async throws {
        try await Rig.with { rig in
            let unknown =
                #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"dataa":{"a":"1"}}"#
            let answer = try rig.kubectl("create", "-f", "-", input: unknown)
            #expect(answer.code == 1)
            #expect(answer.text.hasSuffix("strict decoding error: unknown field \"dataa\""))
            try #expect(
                rig.kubectl("create", "configmap", "x", "-n", "nowhere").text
                    == "error: failed to create configmap: namespaces \"nowhere\" not found")
            _ = try rig.kubectl("create", "configmap", "x")
            try #expect(
                rig.kubectl("create", "configmap", "x").text
                    == "error: failed to create configmap: configmaps \"x\" already exists")
            try #expect(
                rig.kubectl("get", "--raw", "/api/v1/widgets").text
                    == "Error from server (NotFound): the server could not find the requested resource"
            )
        }
    }

    @Test(
        "A patch with an unknown field: a warning and the rest is done; refused by path where kubectl is strict"
    )
    func unknownFieldInPatch() async throws {
        try await Rig.with { rig in
            _ = try rig.kubectl("apply", "-f", "-", input: Self.deployment)
            let patches = [
                ("merge", #"{"spec":{"bogus":1,"replicas":4}}"#),
                ("strategic", #"{"spec":{"bogus":1,"replicas":5}}"#),
                (
                    "json",
                    #"[{"op":"add","path":"/spec/bogus","value":1},{"op":"replace","path":"/spec/replicas","value":6}]"#
                ),
            ]
            for (index, (type, patch)) in patches.enumerated() {
                try #expect(
                    rig.kubectl("patch", "deployment", "web", "--type", type, "-p", patch).text
                        == "deployment.apps/web patched\nWarning: unknown field \"spec.bogus\"")
                try #expect(
                    rig.kubectl(
                        "get", "deployment", "web", "-o", "jsonpath={.spec.replicas}{.spec.bogus}"
                    ).text
                        == "\(4 + index)")
            }
            // `apply` of what is there already is a patch with fieldValidation=Strict.
            let bogus = Self.deployment.replacing(
                "\"replicas\": 3", with: "\"replicas\": 2, \"bogus\": 1")
            let answer = try rig.kubectl("apply", "-f", "-", input: bogus)
            #expect(answer.code == 1)
            #expect(answer.text.hasSuffix("strict decoding error: unknown field \"spec.bogus\""))
        }
    }

    @Test("A writer that read an older version is told to try again, and writes nothing")
    func conflict() async throws {
        try await Rig.with { rig in
            _ = try rig.kubectl("create", "configmap", "c", "--from-literal=a=1")
            let old = try rig.kubectl("get", "configmap", "c", "-o", "json").text
            _ = try rig.kubectl("patch", "configmap", "c", "-p", #"{"data":{"a":"2"}}"#)
            let answer = try rig.kubectl("replace", "-f", "-", input: old)
            #expect(answer.code == 1)
            #expect(
                answer.text.hasSuffix(
                    "Operation cannot be fulfilled on configmaps \"c\": the object has been modified; "
                        + "please apply your changes to the latest version and try again"))
            try #expect(rig.kubectl("get", "cm", "c", "-o", "jsonpath={.data.a}").text == "2")
        }
    }

    @Test("Of twenty clients that change one object at once, none is lost")
    func contention() async throws {
        try await Rig.with { rig in
            _ = try rig.kubectl("create", "configmap", "c")
            // All started before the first is waited for.
            let writers = try (0..<20).map { number in
                try rig.startKubectl("patch", "cm", "c", "-p", #"{"data":{"k\#(number)":"v"}}"#)
            }
            for writer in writers { try #expect(writer.wait().succeeded) }
            let data = try JSON(parsing: try rig.kubectl("get", "cm", "c", "-o", "json").text)[
                "data"]
            #expect(data?.object?.count == 20)
        }
    }

    @Test("A pod on a node waits for its kubelet, which deletes it with no grace")
    func gracefulDeletion() async throws {
        try await Rig.with { rig in
            _ = try rig.kubectl("create", "-f", "-", input: Self.pod)
            let binding =
                #"{"apiVersion":"v1","kind":"Binding","metadata":{"name":"p"},"target":{"kind":"Node","name":"n"}}"#
            let path = "/api/v1/namespaces/default/pods/p"
            _ = try rig.kubectl("create", "--raw", "\(path)/binding", "-f", "-", input: binding)
            let again = try rig.kubectl(
                "create", "--raw", "\(path)/binding", "-f", "-", input: binding)
            #expect(again.text.contains("pod p is already assigned to node \"n\""))
            _ = try rig.kubectl("delete", "pod", "p", "--wait=false")
            try #expect(
                rig.kubectl(
                    "get", "pod", "p", "-o", "jsonpath={.metadata.deletionGracePeriodSeconds}"
                ).text == "30")
            _ = try rig.kubectl("delete", "--raw", "\(path)?gracePeriodSeconds=0")
            try #expect(rig.kubectl("get", "pod", "p").code == 1)
        }
    }
}
