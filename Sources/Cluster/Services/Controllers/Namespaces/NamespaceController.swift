import Client
import JSON
import Objects

/// Gives each namespace its account `default` and the certificate of the API server's authority, empties namespaces that are to be deleted, and then lets
/// them go.
public actor NamespaceController {
    private static let finalizer = "kubernetes"
    private static let authority = "kube-root-ca.crt"
    private let shell: ControllerShell
    private let namespaces: Informer<Namespace>
    private let accounts: Informer<ServiceAccount>
    private let authorities: Informer<ConfigMap>

    public init(client: APIClient, time: any TimeSource = MachineTime()) {
        shell = ControllerShell(client: client, name: "namespace-controller", time: time)
        namespaces = shell.informer()
        accounts = shell.informer()
        authorities = shell.informer(fieldSelector: "metadata.name=\(Self.authority)")
    }

    /// Works until cancelled.
    public func run() async throws {
        let queue = shell.queue
        await namespaces.feed(queue)
        await accounts.onChange { change in
            guard case .deleted(let account) = change, let namespace = account.metadata.namespace
            else { return }
            await queue.add(namespace)
        }
        await authorities.onChange { change in
            if let namespace = change.object.metadata.namespace { await queue.add(namespace) }
        }
        try await shell.run([namespaces, accounts, authorities]) { try await self.sync($0) }
    }

    private func sync(_ name: String) async throws {
        guard let namespace = await namespaces.get(name: name) else { return }
        guard namespace.metadata.deletionTimestamp != nil else {
            try await ensureAccount(in: name)
            return try await ensureAuthority(in: name)
        }
        guard namespace.spec?.finalizers?.contains(Self.finalizer) ?? true else { return }
        let left = try await empty(name)
        guard left == 0 else {
            // Pods take their grace period; what they leave is looked at again.
            await shell.queue.add(name, afterMilliseconds: 500)
            return
        }
        try await letGo(namespace)
    }

    /// Pods that name no account run as `default`.
    private func ensureAccount(in namespace: String) async throws {
        if await accounts.get(namespace: namespace, name: "default") != nil { return }
        do {
            let account = ServiceAccount(
                metadata: ObjectMeta(name: "default", namespace: namespace))
            await accounts.learn(try await shell.client.create(account))
        } catch let error as APIError where error.isAlreadyExists || error.isNotFound {
            // It is there already, or the namespace is gone.
        }
    }

    /// Pods that talk to the API server mount it, to know whom they talk to.
    private func ensureAuthority(in namespace: String) async throws {
        guard let certificate = shell.client.certificateAuthority else { return }
        let wanted = ["ca.crt": certificate]
        let old = await authorities.get(namespace: namespace, name: Self.authority)
        if let old, old.data?["ca.crt"] == certificate { return }
        do {
            if let old {
                await authorities.learn(
                    try await shell.client.patch(
                        ConfigMap.self, namespace: namespace, name: old.metadata.name,
                        ["data": JSON(wanted)]))
            } else {
                var new = ConfigMap(
                    metadata: ObjectMeta(name: Self.authority, namespace: namespace))
                new.data = wanted
                await authorities.learn(try await shell.client.create(new))
            }
        } catch let error as APIError where error.isAlreadyExists || error.isNotFound {
            // It is there already, or the namespace is gone.
        }
    }

    /// Deletes what is inside.
    /// - Returns: how many objects were still there.
    private func empty(_ namespace: String) async throws -> Int {
        var left = 0
        for found in try await discover(shell.client) where found.resource.isNamespaced {
            let isStored = found.verbs.contains("list") && found.verbs.contains("delete")
            // Events would go on being written about the very deletions.
            guard isStored, found.resource.group != "shell.events.k8s.io" else { continue }
            left += try await empty(namespace, of: found.resource)
        }
        return left
    }

    private func empty(_ namespace: String, of resource: Resource) async throws -> Int {
        let list = try await shell.client.raw("GET", resource.path(namespace: namespace))
        let objects = list["items"]?.array ?? []
        for object in objects {
            // What is on its way out already waits for its own finalizers or grace period.
            guard object.at("metadata", "deletionTimestamp")?.string == nil,
                let name = object.at("metadata", "name")?.string
            else { continue }
            do {
                _ = try await shell.client.raw(
                    "DELETE", resource.path(namespace: namespace, name: name),
                    body: [
                        "apiVersion": "v1", "kind": "DeleteOptions",
                        "propagationPolicy": "Background",
                    ])
            } catch let error as APIError where error.isNotFound {}
        }
        return objects.count
    }

    private func letGo(_ namespace: Namespace) async throws {
        let name = namespace.metadata.name
        var body = try await shell.client.raw("GET", Namespace.resource.path(name: name))
        let rest = (body.at("spec", "finalizers")?.array ?? []).filter {
            $0.string != Self.finalizer
        }
        body["spec"] = ["finalizers": .array(rest)]
        do {
            _ = try await shell.client.raw(
                "PUT", Namespace.resource.path(name: name, subresource: "finalize"), body: body)
            shell.logger.info("namespace \(name) is empty and gone")
        } catch let error as APIError where error.isNotFound {}
    }
}
