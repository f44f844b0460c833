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

    /// Reads off the Services that are there which addresses are taken. Once, before any is handed out.
    func noteServices() throws {
        for entry in hub.read({ Array($0.entries("services", prefix: "/registry/services/")) }) {
            services.note(try JSON(parsing: entry.bytes))
        }
    }

    /// Makes again what somebody deleted.
    func keepBootstrapped(address: String, port: Int) async throws {
        while true {
            try await Task.sleep(for: .seconds(10))
            do { try await bootstrap(address: address, port: port) } catch {
                try Task.checkCancellation()
                // Ten seconds later is soon enough.
                logger.warning("bootstrap objects: \(error)")
            }
        }
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
        let kind = try Kinds.need(apiVersion, kindName)
        var object = object
        (object["apiVersion"], object["kind"]) = (.string(apiVersion), .string(kindName))
        let place = namespace.map { "\($0)/" } ?? ""
        let key = "/registry/\(kind.storage.plural)/\(place)\(name)"
        if hub.read({ $0.entry(kind.storage.plural, key: key) }) != nil { return }
        let context = CreateContext(
            namespace: namespace, uid: newUID(), suffix: nameSuffix(), now: nowText())
        let prepared = try kind.prepareForCreate(object, context)
        let claim = try services.claim(for: prepared, kind: kind)
        try kind.validate(claim.object)
        if case .refused = try await store.create(key, claim.object.stored) {
            services.release(claim)
        }
    }
}
