import JSON
import Kinds
import Linux

/// What the server itself does while it serves: it makes again what somebody deleted, and gives
/// each namespace and each aggregated role what it should have.
extension API {
    /// - Parameter authority: the cluster's certificate authority, in PEM.
    func keepHouse(address: String, port: Int, authority: String) async throws {
        var (seen, ticks) = ([Int](), 0)
        while true {
            try await Task.sleep(for: .milliseconds(250))
            ticks += 1
            let stamp = stamp(of: ["namespaces", "configmaps", "clusterroles"])
            let isTime = ticks % 40 == 0
            if stamp == seen, !isTime { continue }
            do {
                if isTime {
                    try noteServices()
                    try await bootstrap(address: address, port: port)
                }
                try await aggregateRoles()
                try await publish(authority)
                seen = stamp
            } catch {
                try Task.checkCancellation()
                // A little later is soon enough.
                logger.warning("bootstrap objects: \(error)")
            }
        }
    }

    /// A count and the newest revision change with every change of a resource.
    private func stamp(of plurals: [String]) -> [Int] {
        hub.read { cache in
            plurals.flatMap { plural in
                let entries = cache.entries(plural, prefix: "/registry/\(plural)/")
                return [entries.count, entries.map(\.revision).max() ?? 0]
            }
        }
    }

    /// The authority's certificate in every namespace, for pods to check the server by.
    /// Source: kubernetes, pkg/controller/certificates/rootcacertpublisher.
    private func publish(_ authority: String) async throws {
        let name = "kube-root-ca.crt"
        let data: JSON = ["ca.crt": .string(authority)]
        for entry in hub.read({ Array($0.entries("namespaces", prefix: "/registry/namespaces/")) })
        {
            let object = try JSON(parsing: entry.bytes)
            if object.at("metadata", "deletionTimestamp") != nil { continue }
            let key = "/registry/configmaps/\(object.name)/\(name)"
            guard let there = hub.read({ $0.entry("configmaps", key: key) }) else {
                let note =
                    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."
                try await ensure(
                    "v1", "ConfigMap", object.name, name,
                    [
                        "metadata": [
                            "name": .string(name),
                            "annotations": ["kubernetes.io/description": .string(note)],
                        ], "data": data,
                    ])
                continue
            }
            var map = try JSON(parsing: there.bytes)
            if map["data"] == data { continue }
            map["data"] = data
            _ = try await store.write(key, map.stored, ifRevision: there.revision)
        }
    }
}
