import JSON
import Kinds
import Linux

/// What a cluster has from the start: namespaces, their default accounts, the Service `kubernetes`,
/// and roles. Made where missing, left alone where present.
extension API {
    static let namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"]

    /// - Parameter addresses: where this server listens; endpoints of the Service `kubernetes`.
    func bootstrap(address: String, port: Int) async throws {
        for namespace in Self.namespaces {
            try await ensure(
                "v1", "Namespace", nil, namespace, ["metadata": ["name": .string(namespace)]])
        }
        for namespace in Self.namespaces {
            try await ensure(
                "v1", "ServiceAccount", namespace, "default", ["metadata": ["name": "default"]])
        }
        for role in BootstrapRoles.roles {
            try await ensure(
                "rbac.authorization.k8s.io/v1", "ClusterRole", nil, role.name, role.object)
            guard !role.subjects.isEmpty else { continue }
            try await ensure(
                "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", nil, role.name, role.binding)
        }
        try await kubernetesService(address: address, port: port)
    }

    /// Reads off the Services that are there which addresses are taken: before the first is handed
    /// out, and again and again.
    func noteServices() throws {
        let (entries, revision) = hub.read {
            (Array($0.entries("services", prefix: "/registry/services/")), $0.revision)
        }
        try services.repair(
            entries.map { ($0.key, $0.revision, try JSON(parsing: $0.bytes)) }, asOf: revision)
    }

    /// Roles that are here already get the rules that a newer kit knows, and keep those that
    /// somebody added, unless an annotation says to leave them alone. Once, at start.
    /// Source: kubernetes.io/docs/reference/access-authn-authz/rbac, "Auto-reconciliation".
    func reconcileRoles() async throws {
        for role in BootstrapRoles.roles {
            let key = "/registry/clusterroles/\(role.name)"
            guard let entry = hub.read({ $0.entry("clusterroles", key: key) }) else { continue }
            var present = try JSON(parsing: entry.bytes)
            let annotation = "rbac.authorization.kubernetes.io/autoupdate"
            if present.at("metadata", "annotations", annotation) == "false" { continue }
            let rules = present["rules"]?.array ?? []
            let missing = role.rules.filter { !rules.contains($0) }
            let isAggregated = role.aggregationRule == present["aggregationRule"]
            if isAggregated, missing.isEmpty { continue }
            if role.aggregationRule == nil { present["rules"] = .array(rules + missing) }
            present["aggregationRule"] = role.aggregationRule
            _ = try await store.write(key, present.stored, ifRevision: entry.revision)
        }
        try await unbindNodes()
    }

    /// An older kit gave all nodes one role; now each may what its own pods need
    /// (`NodeAuthorizer`).
    private func unbindNodes() async throws {
        let key = "/registry/clusterrolebindings/system:node"
        guard let entry = hub.read({ $0.entry("clusterrolebindings", key: key) }) else { return }
        let binding = try JSON(parsing: entry.bytes)
        guard binding.at("metadata", "labels", "kubernetes.io/bootstrapping") == "rbac-defaults"
        else {
            return
        }
        _ = try await store.delete(key, ifRevision: entry.revision)
    }

    private func kubernetesService(address: String, port: Int) async throws {
        let labels: JSON = ["component": "apiserver", "provider": "kubernetes"]
        try await ensure(
            "v1", "Service", "default", "kubernetes",
            [
                "metadata": ["name": "kubernetes", "labels": labels],
                "spec": [
                    "type": "ClusterIP", "clusterIP": .string(services.kubernetesAddress),
                    "ports": [
                        ["name": "https", "protocol": "TCP", "port": 443, "targetPort": JSON(port)]
                    ],
                ],
            ])
        try await ensure(
            "v1", "Endpoints", "default", "kubernetes",
            [
                "metadata": [
                    "name": "kubernetes",
                    "labels": ["endpointslice.kubernetes.io/skip-mirror": "true"],
                ],
                "subsets": [
                    [
                        "addresses": [["ip": .string(address)]],
                        "ports": [["name": "https", "port": JSON(port), "protocol": "TCP"]],
                    ]
                ],
            ])
        try await ensure(
            "discovery.k8s.io/v1", "EndpointSlice", "default", "kubernetes",
            [
                "metadata": [
                    "name": "kubernetes", "labels": ["kubernetes.io/service-name": "kubernetes"],
                ],
                "addressType": "IPv4",
                "endpoints": [["addresses": [.string(address)], "conditions": ["ready": true]]],
                "ports": [["name": "https", "protocol": "TCP", "port": JSON(port)]],
            ])
    }

    /// Creates an object unless one of its name is there.
    func ensure(
        _ apiVersion: String, _ kindName: String, _ namespace: String?, _ name: String,
        _ object: JSON
    ) async throws {
        guard let kind = kinds.find(apiVersion: apiVersion, kind: kindName) else {
            throw StatusError.internalError("no kind \(kindName) in \(apiVersion)")
        }
        var object = object
        (object["apiVersion"], object["kind"]) = (.string(apiVersion), .string(kindName))
        let place = namespace.map { "\($0)/" } ?? ""
        let key = "/registry/\(kind.storage.plural)/\(place)\(name)"
        if hub.read({ $0.entry(kind.storage.plural, key: key) }) != nil { return }
        let context = CreateContext(
            namespace: namespace, uid: newUID(), suffix: nameSuffix(), now: nowText())
        let prepared = try kind.prepareForCreate(object, context)
        try kind.validate(prepared)
        try await services.claiming(prepared, at: key, kind: kind) { object in
            switch try await store.create(key, object.stored) {
            case .done(let revision): ((), .stored(revision))
            case .refused: ((), .dropped)
            }
        }
    }
}
