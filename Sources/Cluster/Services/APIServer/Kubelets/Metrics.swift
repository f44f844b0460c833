import HTTPServing
import JSON
import Kinds
import Objects

/// metrics.k8s.io: how much nodes and pods use right now, asked of the kubelets at every request.
extension API {
    func metrics(_ call: Call) async throws -> Response {
        switch (call.kind.plural, call.verb) {
        case ("nodes", "list"):
            let all = await nodeMetrics()
            let selection = try Selection(call)
            return .json(call.kind.list(all.filter(selection.matches), resourceVersion: ""))
        case ("nodes", "get"):
            return try one(call, await nodeMetrics())
        case ("pods", "list"):
            let all = try await podMetrics(call)
            return .json(
                call.kind.list(all.filter(try Selection(call).matches), resourceVersion: ""))
        case ("pods", "get"):
            return try one(call, await podMetrics(call))
        default: throw StatusError.methodNotAllowed()
        }
    }

    private func one(_ call: Call, _ all: [JSON]) throws -> Response {
        guard let found = all.first(where: { $0.name == call.name }) else {
            throw StatusError.notFound(call.kind, name: call.name)
        }
        return .json(found)
    }

    private func nodeMetrics() async -> [JSON] {
        await summaries().compactMap { node, summary in
            guard let usage = usage(summary["node"]) else { return nil }
            var metrics = metricsObject("NodeMetrics", node, summary["node"])
            metrics["usage"] = usage
            return metrics
        }
    }

    private func podMetrics(_ call: Call) async throws -> [JSON] {
        let pods = hub.read { Array($0.entries("pods", prefix: call.prefix)) }
        var known: [String: JSON] = [:]
        for entry in pods { known[entry.key] = try JSON(parsing: entry.bytes) }
        return await summaries().flatMap { _, summary in summary["pods"]?.array ?? [] }.compactMap {
            stats in
            let (name, namespace) = (
                stats.at("podRef", "name")?.string ?? "",
                stats.at("podRef", "namespace")?.string ?? ""
            )
            // Only what the store knows of, and is the same pod still.
            guard let pod = known["/registry/pods/\(namespace)/\(name)"],
                pod.at("metadata", "uid") == stats.at("podRef", "uid")
            else { return nil }
            let containers = (stats["containers"]?.array ?? []).compactMap { container -> JSON? in
                guard let usage = usage(container), let name = container["name"] else { return nil }
                return ["name": name, "usage": usage]
            }
            guard !containers.isEmpty else { return nil }
            var metrics = metricsObject("PodMetrics", pod, stats["containers"]?[0])
            metrics["containers"] = .array(containers)
            return metrics
        }.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    }

    /// Each node that answers, with its kubelet's summary, in the order of names.
    private func summaries() async -> [(node: JSON, summary: JSON)] {
        let nodes = hub.read { Array($0.entries("nodes", prefix: "/registry/nodes/")) }
            .compactMap { try? JSON(parsing: $0.bytes) }
        return await withTaskGroup(of: (JSON, JSON)?.self) { group in
            for node in nodes { group.addTask { await self.summary(of: node).map { (node, $0) } } }
            var found: [(node: JSON, summary: JSON)] = []
            for await answer in group { if let answer { found.append(answer) } }
            return found.sorted { $0.node.name < $1.node.name }
        }
    }

    /// Nil where the kubelet doesn't answer within three seconds: the others' figures are still
    /// worth having.
    private func summary(of node: JSON) async -> JSON? {
        await withTaskGroup(of: JSON?.self) { group in
            group.addTask {
                do { return try await self.kubelets.json(node, "/stats/summary") } catch {
                    let text = (error as? StatusError)?.message ?? "\(error)"
                    self.logger.warning("metrics of node \(node.name): \(text)")
                    return nil
                }
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(3))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// The Summary API's figures as quantities: nanocores, and kibibytes as `kubectl top` expects
    /// them.
    private func usage(_ stats: JSON?) -> JSON? {
        guard let nanoCores = stats?.at("cpu", "usageNanoCores")?.int,
            let bytes = stats?.at("memory", "workingSetBytes")?.int
        else { return nil }
        return ["cpu": .string("\(nanoCores)n"), "memory": .string("\(bytes / 1024)Ki")]
    }

    private func metricsObject(_ kind: String, _ of: JSON, _ stats: JSON?) -> JSON {
        let now: JSON = .string(nowText())
        var metadata: JSON = ["name": .string(of.name), "creationTimestamp": now]
        if !of.namespace.isEmpty { metadata["namespace"] = .string(of.namespace) }
        metadata["labels"] = of.at("metadata", "labels")
        return [
            "kind": .string(kind), "apiVersion": "metrics.k8s.io/v1beta1", "metadata": metadata,
            "timestamp": stats?.at("cpu", "time") ?? now, "window": "10s",
        ]
    }
}
