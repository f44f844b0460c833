import Foundation
import JSON
import Linux
import Testing

/// Small promises of the API that clients rely on without knowing.
@Suite("Behaviour", .serialized)
struct BehaviourTests {
    static let merge = "application/merge-patch+json"

    @Test("Who patches a status may note something beside it; what is wanted stays as it is")
    func statusPatches() async throws {
        try await Rig.with { rig in
            let pods = OptionsTests.pods
            _ = try rig.ask("POST", pods, OptionsTests.pod("p"))
            let body = """
                {"metadata":{"annotations":{"note":"seen"},"labels":{"a":"b"},"uid":null},
                 "spec":{"nodeName":"other"},"status":{"phase":"Running"}}
                """
            let answer = try rig.ask("PATCH", "\(pods)/p/status", body, type: Self.merge)
            #expect(answer.code == 200, "\(answer.message)")
            #expect(answer.body.at("metadata", "annotations", "note") == "seen")
            #expect(answer.body.at("metadata", "labels", "a") == "b")
            #expect(answer.body.at("metadata", "name") == "p")
            #expect(answer.body.at("metadata", "uid") != nil)
            #expect(answer.body.at("spec", "nodeName") == "n")
            #expect(answer.body.at("status", "phase") == "Running")
            let plain = try rig.ask(
                "PATCH", "\(pods)/p", #"{"status":{"phase":"Failed"}}"#, type: Self.merge)
            #expect(plain.body.at("status", "phase") == "Running")
        }
    }

    @Test("An answer that the client doesn't take is 406; the first form that can be had is given")
    func accept() async throws {
        try await Rig.with { rig in
            func ask(_ accept: String) throws -> Rig.HTTPAnswer {
                try rig.ask("GET", OptionsTests.maps, headers: ["Accept: \(accept)"])
            }
            for accept in [
                "text/html", "application/xml", "application/vnd.kubernetes.protobuf",
                "application/json;as=Nonsense;v=v1;g=meta.k8s.io",
                "application/json;as=Table;v=v9;g=meta.k8s.io",
            ] { try #expect(ask(accept).code == 406, "\(accept)") }
            let table = "application/json;as=Table;v=v1;g=meta.k8s.io"
            for (accept, kind) in [
                ("*/*", "ConfigMapList"), ("application/*", "ConfigMapList"), (table, "Table"),
                ("application/vnd.kubernetes.protobuf, application/json", "ConfigMapList"),
                ("application/json;as=Table;v=v9;g=meta.k8s.io,application/json", "ConfigMapList"),
                (
                    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
                    "PartialObjectMetadataList"
                ),
            ] {
                let answer = try ask(accept)
                #expect(answer.body["kind"]?.string == kind, "\(accept)")
            }
        }
    }

    @Test(
        "A PUT makes Leases, Endpoints, Services and roles, for who may create them; others it doesn't"
    )
    func creatingByUpdates() async throws {
        try await Rig.with { rig in
            let lease =
                #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l"}}"#
            let leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
            try #expect(rig.ask("PUT", "\(leases)/l?dryRun=All", lease).code == 201)
            try #expect(rig.ask("GET", "\(leases)/l").code == 404)
            try #expect(rig.ask("PUT", "\(leases)/l", lease).code == 201)
            try #expect(rig.ask("PUT", "\(leases)/l", lease).code == 200)
            let role = AccessTests.role("r", AccessTests.rule("get", "", "pods"))
            let roles = "\(AccessTests.rbac)/namespaces/default/roles"
            try #expect(rig.ask("PUT", "\(roles)/r", role).code == 201)
            try #expect(rig.ask("PUT", "\(OptionsTests.maps)/c", OptionsTests.map("c")).code == 404)
            try await AccessTests.grant(
                rig, "jane", AccessTests.rule("update", "coordination.k8s.io", "leases"),
                as: "updater")
            let other = lease.replacingLast("\"l\"", "\"m\"")
            let refused = try await eventually {
                try rig.ask("PUT", "\(leases)/l", lease, headers: AccessTests.jane).code == 200
            }
            #expect(refused)
            try #expect(rig.ask("PUT", "\(leases)/m", other, headers: AccessTests.jane).code == 403)
        }
    }

    @Test(
        "Finalizers say whose they are, and none is added to what is to go; one controller is enough"
    )
    func finalizers() async throws {
        try await Rig.with { rig in
            func map(_ metadata: String) -> String {
                #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{\#(metadata)}}"#
            }
            let maps = OptionsTests.maps
            try #expect(
                rig.ask("POST", maps, map(#""name":"a","finalizers":["mine"]"#)).code == 422)
            try #expect(
                rig.ask("POST", maps, map(#""name":"a","finalizers":["x.io/mine"]"#)).code == 201)
            _ = try rig.ask("DELETE", "\(maps)/a")
            let more = #"{"metadata":{"finalizers":["x.io/mine","x.io/more"]}}"#
            try #expect(rig.ask("PATCH", "\(maps)/a", more, type: Self.merge).code == 422)
            try #expect(
                rig.ask(
                    "PATCH", "\(maps)/a", #"{"metadata":{"finalizers":null}}"#, type: Self.merge
                ).code == 200)
            try #expect(rig.ask("GET", "\(maps)/a").code == 404)
            func owner(_ uid: String) -> String {
                #"{"apiVersion":"v1","kind":"Pod","name":"p","uid":"\#(uid)","controller":true}"#
            }
            let two = map(#""name":"b","ownerReferences":[\#(owner("1")),\#(owner("2"))]"#)
            try #expect(rig.ask("POST", maps, two).code == 422)
        }
    }

    @Test(
        "Each namespace has the authority's certificate, and gets it back; the Service kubernetes has its endpoints"
    )
    func housekeeping() async throws {
        try await Rig.with { rig in
            let authority = try Files.readText("\(rig.folder)/ca.crt")
            _ = try rig.ask(
                "POST", "/api/v1/namespaces",
                #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"new"}}"#)
            for namespace in ["default", "kube-system", "new"] {
                let path = "/api/v1/namespaces/\(namespace)/configmaps/kube-root-ca.crt"
                let isThere = try await eventually {
                    try rig.ask("GET", path).body.at("data", "ca.crt")?.string == authority
                }
                #expect(isThere, "\(namespace)")
                _ = try rig.ask("DELETE", path)
                let isBack = try await eventually { try rig.ask("GET", path).code == 200 }
                #expect(isBack, "\(namespace)")
            }
            let endpoints = try rig.ask("GET", "/api/v1/namespaces/default/endpoints/kubernetes")
                .body
            #expect(endpoints["subsets"]?[0]?["addresses"]?[0]?["ip"] == "127.0.0.1")
        }
    }
}

extension String {
    fileprivate func replacingLast(_ text: String, _ other: String) -> String {
        var words = components(separatedBy: text)
        let last = words.removeLast()
        return words.joined(separator: text) + other + last
    }
}
