import JSON
import Testing

@testable import Kinds

@Suite struct DiscoveryDocuments {
    @Test func `The aggregated list has groups, versions, resources and subresources`() throws {
        let core = Discovery(.builtIn).aggregated(core: true)
        #expect(core["kind"] == "APIGroupDiscoveryList")
        #expect(core["items"]?.array?.count == 1)
        let pods = try #require(
            core["items"]?[0]?["versions"]?[0]?.list("resources").first {
                $0.text("resource") == "pods"
            })
        #expect(pods["shortNames"] == ["po"])
        #expect(pods["categories"] == ["all"])
        #expect(pods["scope"] == "Namespaced")
        let names = pods.list("subresources").map { $0.text("subresource") }
        #expect(Set(names).isSuperset(of: ["status", "log", "eviction", "binding"]))
        let groups = Discovery(.builtIn).aggregated(core: false).list("items").map {
            $0["metadata"]?.text("name")
        }
        #expect(
            groups.contains("apps") && groups.contains("metrics.k8s.io") && !groups.contains(""))
    }

    @Test func `The preferred version of autoscaling is v2`() {
        let group = Discovery(.builtIn).group("autoscaling")
        #expect(group?.at("preferredVersion", "groupVersion") == "autoscaling/v2")
        #expect(group?.list("versions").count == 2)
        #expect(Discovery(.builtIn).group("nope") == nil)
    }

    @Test func `The legacy lists name subresources with a slash`() throws {
        let apps = try #require(Discovery(.builtIn).resources(group: "apps", version: "v1"))
        #expect(apps["groupVersion"] == "apps/v1")
        let scale = try #require(
            apps.list("resources").first { $0.text("name") == "deployments/scale" })
        #expect((scale["kind"], scale["group"], scale["version"]) == ("Scale", "autoscaling", "v1"))
        #expect(Discovery(.builtIn).resources(group: "apps", version: "v9") == nil)
        #expect(Discovery(.builtIn).coreVersions(address: "127.0.0.1:6443")["versions"] == ["v1"])
        #expect(Discovery(.builtIn).groups().list("groups").map { $0.text("name") }.first == "apps")
    }

    @Test func `kubectl finds the fieldValidation parameter for every kind`() throws {
        for kind in KindRegistry.builtIn.all where !kind.plural.isEmpty {
            let document = try #require(OpenAPI(.builtIn).document(group: kind.group, version: kind.version))
            let patches = document["paths"]?.object?.members.compactMap { $0.value["patch"] } ?? []
            let mine = patches.first {
                $0["x-kubernetes-group-version-kind"]?["kind"] == .string(kind.kind)
            }
            #expect(mine?["parameters"]?[0]?["name"] == "fieldValidation", "\(kind.kind)")
        }
    }

    @Test func `Every reference in a document is to a schema in it`() throws {
        for (group, version) in [
            ("", "v1"), ("apps", "v1"), ("autoscaling", "v2"), ("batch", "v1"),
        ] {
            let document = try #require(OpenAPI(.builtIn).document(group: group, version: version))
            let names = Set(document.at("components", "schemas")?.object?.names ?? [])
            var references: Set<String> = []
            func collect(_ value: JSON) {
                if let target = value["$ref"]?.string {
                    references.insert(String(target.split(separator: "/").last!))
                }
                value.array?.forEach(collect)
                value.object?.members.forEach { collect($0.value) }
            }
            collect(document)
            #expect(!references.isEmpty)
            #expect(references.isSubset(of: names), "\(references.subtracting(names))")
        }
    }

    @Test func `The index has an address with a hash for every group and version`() throws {
        let paths = try #require(OpenAPI(.builtIn).index["paths"]?.object)
        #expect(paths.names.contains("api/v1") && paths.names.contains("apis/apps/v1"))
        #expect(
            paths["apis/apps/v1"]?.text("serverRelativeURL").hasPrefix(
                "/openapi/v3/apis/apps/v1?hash=") == true)
        #expect(OpenAPI(.builtIn).index == OpenAPI(.builtIn).index)
    }

    @Test func `Kinds are found by path and by type`() {
        #expect(
            KindRegistry.builtIn.find(group: "apps", version: "v1", plural: "deployments")?.kind == "Deployment")
        #expect(KindRegistry.builtIn.find(group: "", version: "v1", plural: "nodes")?.namespaced == false)
        #expect(
            KindRegistry.builtIn.find(group: "metrics.k8s.io", version: "v1beta1", plural: "nodes")?.isStored
                == false)
        #expect(KindRegistry.builtIn.find(apiVersion: "policy/v1", kind: "Eviction")?.plural == "")
        #expect(KindRegistry.builtIn.find(group: "apps", version: "v1", plural: "") == nil)
        let v1 = kind("autoscaling/v1", "HorizontalPodAutoscaler")
        #expect(v1.storage.apiVersion == "autoscaling/v2")
    }

    /// The fields of a message whose number is `number`.
    private func messages(_ number: Int, in bytes: ArraySlice<UInt8>) throws -> [ArraySlice<UInt8>] {
        var reader = ProtobufReader(bytes)
        var found: [ArraySlice<UInt8>] = []
        while let (next, value) = try reader.next() {
            if next == number, case .bytes(let bytes) = value { found.append(bytes) }
        }
        return found
    }

    @Test func `Older kubectls find the parameter in the version 2 document`() throws {
        let items = try messages(8, in: OpenAPI(.builtIn).version2[...]).flatMap { try messages(2, in: $0) }
        #expect(items.count == KindRegistry.builtIn.all.count { !$0.plural.isEmpty })
        for item in items {
            let operation = try #require(messages(2, in: item).flatMap { try messages(8, in: $0) }.first)
            var parameter = try #require(messages(8, in: operation).first)
            for number in [1, 2, 3, 4] { parameter = try #require(messages(number, in: parameter).first) }
            #expect(String(decoding: parameter, as: UTF8.self) == "fieldValidation")
            let type = try #require(messages(13, in: operation).flatMap { try messages(2, in: $0) }.first)
            let yaml = try #require(messages(2, in: type).first)
            #expect(String(decoding: yaml, as: UTF8.self).hasPrefix("group: "))
        }
    }
}
