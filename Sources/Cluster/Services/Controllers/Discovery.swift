import Client
import JSON
import Objects

/// The kinds that the API server has, as it says itself.
///
/// Read anew each time it is needed: rarely, and so nothing can be out of date.
func discover(_ client: APIClient) async throws -> [Discovered] {
    var found = try await resources(client, "/api/v1", group: "", version: "v1")
    let groups = try await client.raw("GET", "/apis")["groups"]?.array ?? []
    for group in groups {
        guard let name = group["name"]?.string,
            let version = group.at("preferredVersion", "version")?.string
        else { continue }
        // Metrics are measured, not stored.
        if name == "metrics.k8s.io" { continue }
        found += try await resources(
            client, "/apis/\(name)/\(version)", group: name, version: version)
    }
    return found
}

/// A kind, and what can be done with it.
struct Discovered: Sendable {
    let resource: Resource
    let verbs: [String]
}

private func resources(
    _ client: APIClient, _ path: String, group: String, version: String
) async throws -> [Discovered] {
    let list = try await client.raw("GET", path)["resources"]?.array ?? []
    return list.compactMap { entry in
        guard let plural = entry["name"]?.string, !plural.contains("/"),
            let kind = entry["kind"]?.string
        else { return nil }
        return Discovered(
            resource: Resource(
                group: group, version: version, plural: plural, kind: kind,
                isNamespaced: entry["namespaced"]?.bool ?? false),
            verbs: (entry["verbs"]?.array ?? []).compactMap(\.string))
    }
}
