import JSON

/// The documents that tell a client which resources there are, all made from the registry.
public struct Discovery: Sendable {
    private let served: [Kind]

    public init(_ kinds: KindRegistry) { served = kinds.all.filter(\.isServed) }

    /// `GET /api` (core) or `/apis`, aggregated: an apidiscovery.k8s.io/v2 APIGroupDiscoveryList.
    public func aggregated(core: Bool) -> JSON {
        let items = groupNames.filter { $0.isEmpty == core }.map { group -> JSON in
            let versions = versions(of: group).map { version -> JSON in
                [
                    "version": .string(version), "freshness": "Current",
                    "resources": .array(resources(group, version).map(aggregatedResource)),
                ]
            }
            var metadata: JSON = ["creationTimestamp": .null]
            if !group.isEmpty { metadata["name"] = .string(group) }
            return ["metadata": metadata, "versions": .array(versions)]
        }
        return [
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": [:],
            "items": .array(items),
        ]
    }

    /// `GET /api`, legacy; `address` is the server's own `host:port`.
    public func coreVersions(address: String) -> JSON {
        [
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [
                ["clientCIDR": "0.0.0.0/0", "serverAddress": .string(address)]
            ],
        ]
    }

    /// `GET /apis`, legacy.
    public func groups() -> JSON {
        [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(groupNames.filter { !$0.isEmpty }.map(groupEntry)),
        ]
    }

    /// `GET /apis/GROUP`, legacy; nil for an unknown group.
    public func group(_ name: String) -> JSON? {
        guard !name.isEmpty, groupNames.contains(name) else { return nil }
        var entry = groupEntry(name)
        entry["kind"] = "APIGroup"
        entry["apiVersion"] = "v1"
        return entry
    }

    /// `GET /api/v1` or `/apis/GROUP/VERSION`, legacy; nil for an unknown one.
    public func resources(group: String, version: String) -> JSON? {
        let kinds = resources(group, version)
        guard !kinds.isEmpty else { return nil }
        let entries = kinds.flatMap { kind in
            [entry(kind)] + kind.subresources.map { entry($0, of: kind) }
        }
        return [
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string(kinds[0].apiVersion),
            "resources": .array(entries),
        ]
    }

    // MARK: The order of groups and versions

    /// Core first, then as they come.
    var groupNames: [String] {
        var names: [String] = []
        for kind in served where !names.contains(kind.group) { names.append(kind.group) }
        return names
    }

    /// The preferred version first.
    func versions(of group: String) -> [String] {
        var versions: [String] = []
        for kind in served where kind.group == group && !versions.contains(kind.version) {
            versions.append(kind.version)
        }
        return versions
    }

    func resources(_ group: String, _ version: String) -> [Kind] {
        served.filter { $0.group == group && $0.version == version }
    }
}

extension Discovery {
    private func strings(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }

    private func type(group: String, version: String, kind: String) -> JSON {
        ["group": .string(group), "version": .string(version), "kind": .string(kind)]
    }

    private func aggregatedResource(_ kind: Kind) -> JSON {
        var entry: JSON = [
            "resource": .string(kind.plural),
            "responseKind": type(group: kind.group, version: kind.version, kind: kind.kind),
            "scope": kind.namespaced ? "Namespaced" : "Cluster",
            "singularResource": .string(kind.singular), "verbs": strings(kind.verbs),
        ]
        if !kind.shortNames.isEmpty { entry["shortNames"] = strings(kind.shortNames) }
        if !kind.categories.isEmpty { entry["categories"] = strings(kind.categories) }
        if !kind.subresources.isEmpty {
            entry["subresources"] = .array(
                kind.subresources.map { one in
                    let (group, version) = one.groupVersion
                    return [
                        "subresource": .string(one.name),
                        "responseKind": type(group: group, version: version, kind: one.kind),
                        "verbs": strings(one.verbs),
                    ]
                })
        }
        return entry
    }

    private func groupEntry(_ group: String) -> JSON {
        let versions = versions(of: group).map { version -> JSON in
            ["groupVersion": .string("\(group)/\(version)"), "version": .string(version)]
        }
        return [
            "name": .string(group), "versions": .array(versions), "preferredVersion": versions[0],
        ]
    }

    private func entry(_ kind: Kind) -> JSON {
        var entry: JSON = [
            "name": .string(kind.plural), "singularName": .string(kind.singular),
            "namespaced": .bool(kind.namespaced), "kind": .string(kind.kind),
            "verbs": strings(kind.verbs),
        ]
        if !kind.shortNames.isEmpty { entry["shortNames"] = strings(kind.shortNames) }
        if !kind.categories.isEmpty { entry["categories"] = strings(kind.categories) }
        return entry
    }

    private func entry(_ subresource: Subresource, of kind: Kind) -> JSON {
        var entry: JSON = [
            "name": .string("\(kind.plural)/\(subresource.name)"), "singularName": "",
            "namespaced": .bool(kind.namespaced), "kind": .string(subresource.kind),
            "verbs": strings(subresource.verbs),
        ]
        if subresource.apiVersion != kind.apiVersion {
            let (group, version) = subresource.groupVersion
            entry["group"] = .string(group)
            entry["version"] = .string(version)
        }
        return entry
    }
}

extension Subresource {
    var groupVersion: (String, String) {
        let parts = apiVersion.pieces(between: "/").map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : ("", parts[0])
    }
}
