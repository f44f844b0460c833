import JSON
import Testing

@testable import Kinds

@Suite struct UpdateRules {
    private let pods = kind("v1", "Pod")

    private func bound() throws -> JSON {
        var pod = try pods.created(
            FieldRulesTests.pod(
                #""activeDeadlineSeconds":60,"tolerations":[{"key":"a","operator":"Exists"}],"#))
        pod.edit("spec") { $0["nodeName"] = "node-1" }
        return pod
    }

    private func refusalOf(_ change: (inout JSON) -> Void) throws -> String {
        let old = try bound()
        var new = old
        new.edit("spec", change)
        return refusal { try pods.validateUpdate(old: old, new: new) }
    }

    @Test func `A running pod keeps its node, its resources and its tolerations`() throws {
        let fixed = "spec: Forbidden: pod updates may not change fields other than"
        #expect(try refusalOf { $0["nodeName"] = "node-2" }.contains(fixed))
        #expect(try refusalOf { $0["nodeName"] = nil }.contains(fixed))
        #expect(try refusalOf { $0["terminationGracePeriodSeconds"] = 1 }.contains(fixed))
        #expect(
            try refusalOf {
                $0.editEach("containers") { $0["resources"] = ["limits": ["cpu": "1"]] }
            }.contains(fixed))
        #expect(try refusalOf { $0["tolerations"] = [] }.contains("existing toleration"))
        #expect(try refusalOf { $0["schedulingGates"] = [["name": "a"]] }.contains("only deletion"))
    }

    @Test func `A running pod may get another image, less time and more tolerations`() throws {
        #expect(try refusalOf { $0.editEach("containers") { $0["image"] = "j" } } == "")
        #expect(try refusalOf { $0["activeDeadlineSeconds"] = 30 } == "")
        #expect(
            try refusalOf { $0["activeDeadlineSeconds"] = 61 }.contains(
                "must be less than or equal to previous value"))
        #expect(
            try refusalOf { spec in
                spec["tolerations"] = .array(
                    spec.list("tolerations") + [["key": "b", "operator": "Exists"]])
            } == "")
    }

    @Test func `What was taken before there was a rule may stay, and may be taken away`() throws {
        var old = try bound()
        old.editOrMake("metadata") { $0["finalizers"] = ["nodomain"] }
        var new = old
        new.editOrMake("metadata") { $0["labels"] = ["a": "b"] }
        try pods.validateUpdate(old: old, new: new)
        new.editOrMake("metadata") { $0["finalizers"] = ["nodomain", "another"] }
        #expect(
            refusal { try pods.validateUpdate(old: old, new: new) }.contains(
                #"metadata.finalizers[1]: Invalid value: "another": name is neither a standard finalizer name"#
            ))
    }

    @Test func `One owner is the controller`() {
        func owner(_ name: String) -> String {
            #"{"apiVersion":"v1","kind":"A","name":"\#(name)","uid":"\#(name)","controller":true}"#
        }
        let text = refusal {
            _ = try kind("v1", "ConfigMap").created(
                #"{"metadata":{"name":"c","ownerReferences":[\#(owner("a")),\#(owner("b"))]}}"#)
        }
        #expect(text.contains("Only one reference can have Controller set to true"))
    }

    @Test func `A value in other bytes is another value`() throws {
        let maps = kind("v1", "ConfigMap")
        let old = try maps.created(#"{"metadata":{"name":"c"},"data":{"k":"caf\u00e9"}}"#)
        let new = try maps.patch(old, with: tree(#"{"data":{"k":"cafe\u0301"}}"#), type: .merge)
        #expect(new != old)
        #expect(new.text.utf8.count == old.text.utf8.count + 1)
        let immutable = try maps.created(
            #"{"metadata":{"name":"c"},"immutable":true,"data":{"k":"caf\u00e9"}}"#)
        var changed = immutable
        changed["data"] = new["data"]
        #expect(refusal { try maps.validateUpdate(old: immutable, new: changed) } != "")
        #expect(tree(#"{"é":1}"#)["e\u{301}"] == nil)
    }
}

@Suite struct ServiceUpdates {
    private let services = kind("v1", "Service")

    private func updated(_ old: JSON, _ patch: String) throws -> JSON {
        let merged = try services.patch(old, with: tree(patch), type: .merge)
        let new = try services.prepareForUpdate(old: old, new: merged, subresource: nil)
        try services.validateUpdate(old: old, new: new)
        return new
    }

    private func nodePort() throws -> JSON {
        var service = try services.created(
            #"{"metadata":{"name":"s"},"spec":{"type":"NodePort","ports":[{"name":"a","port":53,"protocol":"UDP","nodePort":30053},{"name":"b","port":53,"nodePort":30054}]}}"#
        )
        service.edit("spec") {
            $0["clusterIP"] = "10.96.0.7"
            $0["clusterIPs"] = ["10.96.0.7"]
        }
        return service
    }

    @Test func `Node ports go with the type that had them`() throws {
        let service = try updated(try nodePort(), #"{"spec":{"type":"ClusterIP"}}"#)
        #expect(service["spec"]?.list("ports").allSatisfy { $0["nodePort"] == nil } == true)
        #expect(service.at("spec", "externalTrafficPolicy") == nil)
        #expect(service.at("spec", "clusterIP") == "10.96.0.7")
        let named = try updated(
            try nodePort(), #"{"spec":{"type":"ExternalName","externalName":"a.b"}}"#)
        #expect(named.at("spec", "clusterIP") == nil)
    }

    @Test func `A port keeps its node port by its name`() throws {
        let service = try updated(
            try nodePort(),
            #"{"spec":{"ports":[{"name":"b","port":54,"targetPort":1},{"name":"c","port":55,"targetPort":1}]}}"#
        )
        #expect(
            service["spec"]?.list("ports").map { $0["nodePort"] ?? 0 } == [30054, 0])
    }

    @Test(
        "A Service that the stock server refuses is refused in its words",
        arguments: [
            (
                #"{"ports":[{"port":80,"nodePort":31001}]}"#,
                "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"
            ),
            (
                #"{"type":"NodePort","clusterIP":"None","ports":[{"port":80}]}"#,
                "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"
            ),
            (
                #"{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":0}},"ports":[{"port":80}]}"#,
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be between 1 and 86400, inclusive"
            ),
            (
                #"{"ports":[{"port":0}]}"#,
                "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"
            ),
            (
                #"{"ports":[{"port":80,"targetPort":-1}]}"#,
                "spec.ports[0].targetPort: Invalid value: -1"
            ),
        ])
    func refused(spec: String, message: String) {
        let text = refusal {
            _ = try services.created(#"{"metadata":{"name":"s"},"spec":\#(spec)}"#)
        }
        #expect(text.contains(message), "\(text)")
    }

    @Test func `Ports of one number and two protocols are told apart by an apply`() throws {
        let old = try services.created(
            #"{"metadata":{"name":"s"},"spec":{"ports":[{"name":"t","port":53,"targetPort":53},{"name":"u","port":53,"protocol":"UDP","targetPort":53}]}}"#
        )
        let patch = tree(
            #"{"spec":{"ports":[{"name":"t","port":53,"targetPort":53},{"name":"u","port":53,"protocol":"UDP","targetPort":5353}]}}"#
        )
        let new = try services.patch(old, with: patch, type: .apply)
        try services.validateUpdate(old: old, new: new)
        #expect(new["spec"]?.list("ports").map { $0["targetPort"] ?? 0 } == [53, 5353])
    }
}
