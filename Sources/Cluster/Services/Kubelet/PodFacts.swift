import Client
import JSON
import Linux
import Objects
import PodRuntime
import PodWork

/// A token that the API server gave, and when the next one is to be asked for.
struct IssuedToken {
    var text: String
    var renewAt: Int
}

/// What a pod's environment and volumes may refer to, fetched anew each time.
extension PodWorker {
    /// The pod with what it gets without asking.
    var outfitted: Pod {
        get throws {
            guard services.client != nil, !machine.pod.isStatic else { return machine.pod }
            return try ServiceAccountVolume.added(to: machine.pod)
        }
    }

    func facts(_ pod: Pod, podIP: String) async throws -> ContainerFacts {
        let configuration = services.configuration
        var facts = ContainerFacts(
            nodeName: configuration.nodeName, hostIP: configuration.nodeIP, podIP: podIP)
        (facts.nodeMillicores, facts.nodeMemoryBytes) = (
            NodeFacts.cpus * 1000, NodeFacts.memoryBytes
        )
        guard let client = services.client, let namespace = pod.metadata.namespace, !pod.isStatic else {
            return facts
        }
        if let cluster = services.cluster {
            await cluster.waitUntilSynced()
            facts.services = serviceVariables(await cluster.snapshot, for: pod)
        }
        let mentioned = pod.spec.mentioned
        for name in mentioned.configMaps {
            facts.configMaps[name] = try await ifThere {
                try await client.get(ConfigMap.self, namespace: namespace, name: name)
            }?.bytes
        }
        for name in mentioned.secrets {
            facts.secrets[name] = try await ifThere {
                try await client.get(Secret.self, namespace: namespace, name: name)
            }?.bytes
        }
        if let authority = configuration.authority {
            facts.configMaps[ServiceAccountVolume.authority] = ["ca.crt": authority]
        }
        for request in pod.spec.tokens {
            facts.tokens[request] = try await token(request, for: pod, client)
        }
        for claim in pod.spec.claims {
            facts.claims[claim] = try await self.claim(claim, namespace, client)
        }
        return facts
    }

    /// Renewed when four fifths of its time are over, or after a day.
    private func token(
        _ request: TokenRequest, for pod: Pod, _ client: APIClient
    ) async throws -> String {
        let now = Clock.unixSeconds()
        if let issued = tokens[request], now < issued.renewAt { return issued.text }
        let namespace = pod.metadata.namespace ?? "default"
        let answer = try await client.raw(
            "POST", "/api/v1/namespaces/\(namespace)/serviceaccounts/\(pod.spec.account)/token",
            body: request.body(for: pod))
        guard let text = answer.at("status", "token")?.string else {
            throw ConfigError("no token in the API server's answer")
        }
        let until = answer.at("status", "expirationTimestamp")?.string.flatMap { Timestamp($0) }
        let seconds = max(0, (until?.seconds ?? now).addingClamped(-now))
        tokens[request] = IssuedToken(text: text, renewAt: now + min(seconds / 5 * 4, 86400))
        return text
    }

    private func claim(
        _ name: String, _ namespace: String, _ client: APIClient
    ) async throws -> ClaimFacts {
        let path = "/api/v1/namespaces/\(namespace)/persistentvolumeclaims/\(name)"
        guard let claim = try await ifThere({ try await client.raw("GET", path) }) else {
            return .missing
        }
        guard claim.at("status", "phase")?.string == "Bound",
            let volume = claim.at("spec", "volumeName")?.string,
            let found = try await ifThere({
                try await client.raw("GET", "/api/v1/persistentvolumes/\(volume)")
            })
        else { return .unbound }
        let source = found["spec"] ?? [:]
        if let path = source.at("hostPath", "path")?.string ?? source.at("local", "path")?.string {
            return .directory(path)
        }
        return .unsupported
    }

    /// nil where the server has no such object.
    private func ifThere<Object: Sendable>(
        _ get: () async throws -> Object
    ) async throws -> Object? {
        do { return try await get() } catch let error as APIError where error.isNotFound {
            return nil
        }
    }
}

extension TokenRequest {
    /// Good as long as the pod lives, and no longer.
    fileprivate func body(for pod: Pod) -> JSON {
        var spec: JSON = [
            "expirationSeconds": JSON(seconds),
            "boundObjectRef": [
                "apiVersion": "v1", "kind": "Pod", "name": .string(pod.metadata.name),
                "uid": .string(pod.metadata.uid ?? ""),
            ],
        ]
        if !audience.isEmpty { spec["audiences"] = [.string(audience)] }
        return ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec]
    }
}

extension ConfigMap {
    /// Text and bytes alike.
    fileprivate var bytes: [String: [UInt8]] {
        var all = (data ?? [:]).mapValues { Array($0.utf8) }
        for (key, text) in binaryData ?? [:] { all[key] = decodeBase64(text) }
        return all
    }
}

extension Secret {
    fileprivate var bytes: [String: [UInt8]] { (data ?? [:]).compactMapValues(decodeBase64) }
}
