import JSON
import Testing

@testable import Kinds

let webDeployment = #"""
    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"selector":{"matchLabels":
    {"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web",
    "image":"drydock/web:v1","ports":[{"containerPort":8080}],"readinessProbe":{"httpGet":{"port":8080}}}]}}}}
    """#

@Suite struct Creating {
    @Test func `A Deployment gets the stock server's defaults`() throws {
        let object = try kind("apps/v1", "Deployment").created(webDeployment)
        #expect(
            object
                == tree(
                    #"""
                    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"default",
                    "uid":"11111111-2222-3333-4444-555555555555","creationTimestamp":"2026-11-22T05:00:00Z","generation":1},
                    "spec":{"replicas":1,"revisionHistoryLimit":10,"progressDeadlineSeconds":600,"selector":{"matchLabels":
                    {"app":"web"}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":
                    "25%"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web",
                    "image":"drydock/web:v1","imagePullPolicy":"IfNotPresent","ports":[{"containerPort":8080,"protocol":
                    "TCP"}],"readinessProbe":{"httpGet":{"port":8080,"path":"/","scheme":"HTTP"},"timeoutSeconds":1,
                    "periodSeconds":10,"successThreshold":1,"failureThreshold":3},"resources":{},
                    "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],
                    "restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst",
                    "securityContext":{},"schedulerName":"default-scheduler"}}}}
                    """#))
    }

    @Test func `A Pod gets its account, tolerations, priority, phase and class`() throws {
        let pod = try kind("v1", "Pod").created(
            #"{"metadata":{"generateName":"web-"},"spec":{"containers":[{"name":"c","image":"busybox"}]},"status":{"phase":"Running"}}"#
        )
        #expect(pod.at("metadata", "name") == "web-x7k2p")
        #expect(pod["status"] == ["phase": "Pending", "qosClass": "BestEffort"])
        let spec = try #require(pod["spec"])
        #expect(spec.text("serviceAccountName") == "default")
        #expect(spec["containers"]?[0]?.text("imagePullPolicy") == "Always")
        #expect((spec["enableServiceLinks"], spec["priority"]) == (true, 0))
        #expect(
            spec.list("tolerations").map { $0.text("key") } == [
                "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable",
            ])
    }

    @Test(
        "The image's tag decides the pull policy",
        arguments: [
            ("nginx", "Always"), ("nginx:latest", "Always"), ("nginx:1.27", "IfNotPresent"),
            ("localhost:5000/web", "Always"), ("localhost:5000/web:v1", "IfNotPresent"),
            ("web@sha256:abc", "IfNotPresent"),
        ])
    func pullPolicy(image: String, policy: String) throws {
        let pod = try kind("v1", "Pod").created(
            #"{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"\#(image)"}]}}"#)
        #expect(pod.at("spec", "containers")?[0]?.text("imagePullPolicy") == policy)
    }

    @Test(
        "Requests and limits make the quality of service",
        arguments: [
            (#"{}"#, "BestEffort"), (#"{"requests":{"cpu":"1"}}"#, "Burstable"),
            (#"{"limits":{"cpu":"1","memory":"1Gi"}}"#, "Guaranteed"),
            (#"{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}}"#, "Burstable"),
        ])
    func quality(resources: String, name: String) throws {
        let pod = try kind("v1", "Pod").created(
            #"{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","resources":\#(resources)}]}}"#
        )
        #expect(pod["status"]?.text("qosClass") == name)
    }

    @Test func `A Service gets type, protocol, target port and families`() throws {
        let service = try kind("v1", "Service").created(
            #"{"metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}"#)
        #expect(
            service["spec"]
                == tree(
                    #"""
                    {"selector":{"app":"web"},"ports":[{"port":80,"protocol":"TCP","targetPort":80}],"type":"ClusterIP",
                    "sessionAffinity":"None","internalTrafficPolicy":"Cluster","ipFamilyPolicy":"SingleStack",
                    "ipFamilies":["IPv4"]}
                    """#))
        #expect(service["status"] == ["loadBalancer": [:]])
    }

    @Test func `A Secret's text becomes data, a Namespace gets its label and finalizer`() throws {
        let secret = try kind("v1", "Secret").created(
            #"{"metadata":{"name":"s"},"stringData":{"a":"hello"}}"#)
        #expect(secret["data"] == ["a": "aGVsbG8="])
        #expect((secret["stringData"], secret["type"]) == (nil, "Opaque"))
        let namespace = try kind("v1", "Namespace").created(#"{"metadata":{"name":"blue"}}"#)
        #expect(namespace.at("metadata", "labels") == ["kubernetes.io/metadata.name": "blue"])
        #expect(namespace["status"] == ["phase": "Active"])
        #expect(namespace["metadata"]?.object?.names.contains("namespace") == false)
    }

    @Test func `A Job finds its pods by its uid`() throws {
        let job = try kind("batch/v1", "Job").created(
            #"{"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"b:1"}]}}}}"#
        )
        let uid: JSON = "11111111-2222-3333-4444-555555555555"
        #expect(
            job.at("spec", "selector") == [
                "matchLabels": ["batch.kubernetes.io/controller-uid": uid]
            ])
        #expect(job.at("spec", "template", "metadata", "labels")?["job-name"] == "j")
        #expect((job.at("spec", "completions"), job.at("spec", "backoffLimit")) == (1, 6))
    }

    @Test func `The namespace must be the path's and no resourceVersion may be set`() {
        let pod = kind("v1", "Pod")
        #expect(
            refusal { _ = try pod.created(#"{"metadata":{"name":"p","namespace":"other"}}"#) }
                == "the namespace of the provided object does not match the namespace sent on the request"
        )
        #expect(
            refusal { _ = try pod.created(#"{"metadata":{"name":"p","resourceVersion":"7"}}"#) }
                == "resourceVersion should not be set on objects to be created")
    }
}

@Suite struct Updating {
    let deployment = kind("apps/v1", "Deployment")

    func stored() throws -> JSON {
        var object = try deployment.created(webDeployment)
        object.edit("metadata") { $0["resourceVersion"] = "7" }
        object["status"] = ["replicas": 1]
        return object
    }

    @Test func `A changed spec counts the generation up and leaves the status alone`() throws {
        let old = try stored()
        var new = old
        new.edit("spec") { $0["replicas"] = 5 }
        new["status"] = ["replicas": 9]
        let result = try deployment.prepareForUpdate(old: old, new: new, subresource: nil)
        #expect(result.at("metadata", "generation") == 2)
        #expect(result.at("spec", "replicas") == 5)
        #expect(result["status"] == ["replicas": 1])
    }

    @Test func `A new label is no new generation`() throws {
        let old = try stored()
        var new = old
        new.edit("metadata") { $0["labels"] = ["a": "b"] }
        let result = try deployment.prepareForUpdate(old: old, new: new, subresource: nil)
        #expect(result.at("metadata", "generation") == 1)
        #expect(result.at("metadata", "labels") == ["a": "b"])
    }

    @Test func `A write to status changes nothing else`() throws {
        let old = try stored()
        var new = old
        new.edit("spec") { $0["replicas"] = 5 }
        new["status"] = ["replicas": 9]
        let result = try deployment.prepareForUpdate(old: old, new: new, subresource: "status")
        #expect(result["spec"] == old["spec"])
        #expect(result["metadata"] == old["metadata"])
        #expect(result["status"] == ["replicas": 9])
    }

    @Test func `System fields come from the old object`() throws {
        let old = try stored()
        var new = old
        new["metadata"] = [
            "name": "web", "annotations": ["a": "b"], "generation": 99,
            "creationTimestamp": "2020-01-01T00:00:00Z",
        ]
        let result = try deployment.prepareForUpdate(old: old, new: new, subresource: nil)
        var expected = try #require(old["metadata"])
        expected["annotations"] = ["a": "b"]
        #expect(result["metadata"] == expected)
    }

    @Test func `Another resourceVersion, uid or name is refused`() throws {
        let old = try stored()
        func changed(_ name: String, _ value: JSON) -> String {
            var new = old
            new.edit("metadata") { $0[name] = value }
            return refusal {
                _ = try deployment.prepareForUpdate(old: old, new: new, subresource: nil)
            }
        }
        #expect(
            changed("resourceVersion", "6")
                == "Operation cannot be fulfilled on deployments.apps \"web\": the object has been modified; "
                + "please apply your changes to the latest version and try again")
        #expect(changed("uid", "other").contains("Precondition failed: UID in precondition: other"))
        #expect(changed("name", "web2").contains("does not match the name on the URL"))
    }

    @Test func `A Service keeps its address where the client leaves it out`() throws {
        let service = kind("v1", "Service")
        var old = try service.created(
            #"{"metadata":{"name":"web"},"spec":{"ports":[{"port":80}]}}"#)
        old.edit("spec") {
            $0["clusterIP"] = "10.96.0.9"
            $0["clusterIPs"] = ["10.96.0.9"]
        }
        let new = tree(#"{"metadata":{"name":"web"},"spec":{"ports":[{"port":81}]}}"#)
        let result = try service.prepareForUpdate(old: old, new: new, subresource: nil)
        #expect(result.at("spec", "clusterIP") == "10.96.0.9")
        #expect(result.at("spec", "ports")?[0]?["targetPort"] == 81)
        try service.validateUpdate(old: old, new: result)
        var moved = result
        moved.edit("spec") { $0["clusterIP"] = "10.96.0.10" }
        #expect(
            refusal { try service.validateUpdate(old: old, new: moved) }.contains(
                "may not change once set"))
    }

    @Test func `Who writes a status may note something beside it, but not what the system says`()
        throws
    {
        func written(_ kind: Kind, _ old: JSON) throws -> JSON {
            var new = old
            new["metadata"] = [
                "name": "web", "annotations": ["a": "b"], "labels": ["c": "d"], "uid": "",
                "finalizers": ["x.io/y"], "ownerReferences": [["uid": "1"]],
            ]
            new.edit("spec") { $0["paused"] = true }
            return try kind.prepareForUpdate(old: old, new: new, subresource: "status")
        }
        let old = try stored()
        let result = try written(deployment, old)
        #expect(result["spec"] == old["spec"])
        #expect(result.at("metadata", "annotations") == ["a": "b"])
        #expect(result.at("metadata", "finalizers") == ["x.io/y"])
        #expect(result.at("metadata", "uid") == old.at("metadata", "uid"))
        // A Deployment's labels are not its status's to change, a Pod's owners aren't either.
        #expect(result.at("metadata", "labels") == old.at("metadata", "labels"))
        let pod = try kind("v1", "Pod").created(
            #"{"metadata":{"name":"web"},"spec":{"containers":[{"name":"c","image":"i"}]}}"#)
        let seen = try written(kind("v1", "Pod"), pod)
        #expect(seen.at("metadata", "labels") == ["c": "d"])
        #expect(seen.at("metadata", "ownerReferences") == nil)
    }

    @Test func `A port of a Service keeps its node port by its name, and loses it with the type`()
        throws
    {
        let service = kind("v1", "Service")
        let old = tree(
            """
            {"metadata":{"name":"web"},"spec":{"type":"NodePort","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],
             "ports":[{"name":"a","port":80,"protocol":"TCP","nodePort":30001},
                      {"name":"b","port":80,"protocol":"UDP","nodePort":30002}]}}
            """)
        func updated(_ spec: String) throws -> [Int?] {
            let new = tree(#"{"metadata":{"name":"web"},"spec":\#(spec)}"#)
            let result = try service.prepareForUpdate(old: old, new: new, subresource: nil)
            return (result.at("spec", "ports")?.array ?? []).map { $0["nodePort"]?.int }
        }
        let both = #"[{"name":"b","port":81,"protocol":"TCP"},{"name":"a","port":80}]"#
        try #expect(updated(#"{"type":"NodePort","ports":\#(both)}"#) == [30002, 30001])
        let renamed =
            #"[{"name":"c","port":80,"protocol":"TCP"},{"name":"a","port":80,"protocol":"UDP"}]"#
        try #expect(updated(#"{"type":"NodePort","ports":\#(renamed)}"#) == [nil, 30001])
        // A number that another port of the new object has is not given twice.
        let taken = #"[{"name":"x","port":1,"nodePort":30001},{"name":"a","port":80}]"#
        try #expect(updated(#"{"type":"NodePort","ports":\#(taken)}"#) == [30001, nil])
        let kept =
            #"[{"name":"a","port":80,"nodePort":30001},{"name":"b","port":81,"protocol":"UDP"}]"#
        try #expect(updated(#"{"type":"ClusterIP","ports":\#(kept)}"#) == [nil, nil])
        let external = try service.prepareForUpdate(
            old: old,
            new: tree(
                #"{"metadata":{"name":"web"},"spec":{"type":"ExternalName","externalName":"a.b","clusterIP":"10.96.0.9"}}"#
            ),
            subresource: nil)
        #expect(external.at("spec", "clusterIP") == nil)
    }

    @Test func `Scale is read from an object and applied to it`() throws {
        var object = try stored()
        object["status"] = ["replicas": 2]
        let scale = try #require(deployment.scale(of: object))
        #expect(scale["spec"] == ["replicas": 1])
        #expect(scale["status"] == ["replicas": 2, "selector": "app=web"])
        let scaled = try deployment.applying(scale: tree(#"{"spec":{"replicas":5}}"#), to: object)
        #expect(scaled.at("spec", "replicas") == 5)
        #expect(
            refusal {
                _ = try deployment.applying(scale: tree(#"{"spec":{"replicas":-1}}"#), to: object)
            }
                == "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0"
        )
        #expect(
            refusal {
                _ = try deployment.applying(
                    scale: tree(#"{"metadata":{"resourceVersion":"1"}}"#), to: object)
            }
            .contains("the object has been modified"))
    }

    @Test func `autoscaling v1 is stored as v2 and shown as it came`() throws {
        let v1 = kind("autoscaling/v1", "HorizontalPodAutoscaler")
        let stored = try v1.created(
            #"{"metadata":{"name":"web"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"maxReplicas":5,"targetCPUUtilizationPercentage":50}}"#
        )
        #expect(stored["apiVersion"] == "autoscaling/v2")
        #expect(stored.at("spec", "metrics") == .array([AutoscalerConversion.cpu(50)]))
        #expect(stored.at("spec", "minReplicas") == 1)
        let shown = v1.fromStorage(stored)
        #expect(shown["apiVersion"] == "autoscaling/v1")
        #expect(shown.at("spec", "targetCPUUtilizationPercentage") == 50)
        #expect(shown.at("spec", "metrics") == nil)
        #expect(v1.toStorage(shown) == stored)
    }

    @Test func `What v1 has no word for travels in annotations`() throws {
        let v1 = kind("autoscaling/v1", "HorizontalPodAutoscaler")
        var stored = tree(
            #"""
            {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},"spec":{"metrics":
            [{"type":"Resource","resource":{"name":"memory","target":{"type":"Utilization","averageUtilization":70}}}],
            "behavior":{"scaleDown":{"selectPolicy":"Min"}}},"status":{"conditions":[{"type":"AbleToScale"}]}}
            """#)
        #expect(v1.toStorage(v1.fromStorage(stored)) == stored)
        stored.edit("spec") { $0["behavior"] = nil }
        #expect(v1.toStorage(v1.fromStorage(stored)) == stored)
    }
}
