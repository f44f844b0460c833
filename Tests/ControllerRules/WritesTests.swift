import ContractRollout
import ControllerRules
import JSON
import Objects
import Testing

private func deployment() throws -> Deployment {
    let tree: JSON = [
        "metadata": [
            "name": "web", "namespace": "shop", "uid": "d1", "generation": 2,
            "annotations": [
                "deployment.kubernetes.io/revision": "1", "note": "kept",
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
            ],
        ],
        "spec": [
            "replicas": 3, "selector": ["matchLabels": ["app": "web"]],
            "template": [
                "metadata": ["labels": ["app": "web"]],
                "spec": ["containers": [["name": "c", "image": "i", "unheardOf": 7]]],
            ],
        ],
    ]
    return try tree.decode()
}

@Suite struct WritesTests {
    @Test
    func
        `a revision's ReplicaSet carries the hash in three places, and nothing of the template is lost`()
        throws
    {
        let body = try replicaSetBody(
            of: try deployment(),
            .init(name: "web-5d8f", templateHash: "5d8f", replicas: 1, revision: 2),
            sizes: ["deployment.kubernetes.io/desired-replicas": "3"])
        let labels: JSON = ["app": "web", "pod-template-hash": "5d8f"]
        #expect(body.at("metadata", "labels") == labels)
        #expect(body.at("spec", "selector", "matchLabels") == labels)
        #expect(body.at("spec", "template", "metadata", "labels") == labels)
        #expect(body.at("spec", "template", "spec", "containers")?[0]?["unheardOf"] == 7)
        #expect(
            body.at("metadata", "annotations") == [
                "note": "kept", "deployment.kubernetes.io/revision": "2",
                "deployment.kubernetes.io/desired-replicas": "3",
            ])
        #expect(body.at("metadata", "ownerReferences")?[0]?["uid"] == "d1")
    }

    @Test func `the template of a Deployment and of its ReplicaSet have the same canonical text`()
        throws
    {
        let deployment = try deployment()
        let body = try replicaSetBody(
            of: deployment, .init(name: "x", templateHash: "h", replicas: 0, revision: 1),
            sizes: [:])
        let template = try JSON(encoding: deployment.spec.template)
        #expect(
            canonicalTemplate(try #require(body.at("spec", "template")))
                == canonicalTemplate(template))
    }

    @Test func `a number that falls to nothing is taken away from the status`() throws {
        var old = ReplicaSetStatus()
        (old.replicas, old.readyReplicas) = (3, 3)
        var new = ReplicaSetStatus()
        new.replicas = 0
        let patch = try statusPatch(from: old, to: new, resourceVersion: "9")
        #expect(
            patch == [
                "status": ["replicas": 0, "readyReplicas": .null],
                "metadata": ["resourceVersion": "9"],
            ])
    }

    @Test func `a renumbered ReplicaSet remembers the revisions that it had`() {
        var set = ReplicaSet(metadata: ObjectMeta(name: "web-1"))
        set.metadata.annotations = [
            "deployment.kubernetes.io/revision": "3",
            "deployment.kubernetes.io/revision-history": "1",
        ]
        #expect(
            renumberPatch(set, revision: 5).at("metadata", "annotations") == [
                "deployment.kubernetes.io/revision": "5",
                "deployment.kubernetes.io/revision-history": "1,3",
            ])
    }

    @Test func `a pod asks for its containers' sum or its most demanding init container`() throws {
        let spec: JSON = [
            "containers": [
                ["name": "a", "resources": ["requests": ["cpu": "100m", "memory": "64Mi"]]],
                ["name": "b", "resources": ["limits": ["cpu": "0.2"]]],
            ],
            "initContainers": [
                ["name": "i", "resources": ["requests": ["cpu": "250m", "memory": "1Gi"]]]
            ],
        ]
        #expect(podRequests(try spec.decode()) == ["cpu": 300, "memory": 1 << 30])
    }
}
