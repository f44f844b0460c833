import JSON
import Kinds

extension API {
    func create(_ call: Call) async throws -> Response {
        let body = try decodeBody(call)
        let created = try await create(call, body.object)
        let warnings = body.warnings + (call.kind.isActedUpon ? [] : [nobodyActs(on: call.kind)])
        return try answer(call, call.kind.fromStorage(created), status: 201, warnings: warnings)
    }

    /// Whoever makes an object that no program of the kit acts upon should not wait for its pods.
    private func nobodyActs(on kind: Kind) -> String {
        "\(kind.kind): stored, but this cluster has no controller for it yet, so nothing will come of it"
    }

    func decodeBody(_ call: Call) throws -> Decoded {
        try call.kind.decode(
            call.request.body, contentType: call.request.header("content-type"),
            validation: call.validation())
    }

    /// - Returns: the object as stored.
    private func create(_ call: Call, _ body: JSON) async throws -> JSON {
        try await checkNamespace(call)
        let kind = call.kind.storage
        let generates = (body.at("metadata", "name")?.string ?? "").isEmpty
        // A generated name may be taken; a client that asked for one wants any that is free.
        var attemptsLeft = generates ? 8 : 1
        while true {
            let object = try kind.prepareForCreate(
                call.kind.toStorage(body),
                CreateContext(
                    namespace: call.target.namespace, uid: newUID(), suffix: nameSuffix(),
                    now: nowText()))
            if let created = try await insert(call, try mutate(call, object)) { return created }
            attemptsLeft -= 1
            if attemptsLeft == 0 {
                throw StatusError.alreadyExists(
                    call.kind, name: object.at("metadata", "name")?.string ?? "")
            }
        }
    }

    /// Nil where the name is taken.
    private func insert(_ call: Call, _ object: JSON) async throws -> JSON? {
        try call.kind.storage.validate(object)
        let name = object.at("metadata", "name")?.string ?? ""
        guard !name.isEmpty else { throw StatusError.nameRequired(call.kind) }
        let claim = try services.claim(for: object, kind: call.kind)
        do {
            let outcome = try await write(call, name, claim.object)
            if outcome == nil { services.release(claim) }
            return outcome
        } catch {
            services.release(claim)
            throw error
        }
    }

    private func write(_ call: Call, _ name: String, _ object: JSON) async throws -> JSON? {
        if call.isDryRun {
            return try await store.get(call.key(name)) == nil ? object : nil
        }
        switch try await store.create(call.key(name), object.stored) {
        case .refused: return nil
        case .done(let revision):
            var created = object
            created.setResourceVersion(revision)
            return created
        }
    }

    /// A namespaced object goes into a namespace that is there and not about to go.
    private func checkNamespace(_ call: Call) async throws {
        guard let namespace = call.target.namespace else { return }
        let key = "/registry/namespaces/\(namespace)"
        let kind = try Kinds.namespace
        let object: JSON
        if let entry = hub.read({ $0.entry("namespaces", key: key) }) {
            object = try JSON(parsing: entry.bytes)
        } else if let stored = try await store.get(key) {
            object = try stored.object
        } else {
            throw StatusError.notFound(kind, name: namespace)
        }
        if object.at("metadata", "deletionTimestamp") != nil {
            throw StatusError.terminating(call.kind, namespace: namespace)
        }
    }
}

extension JSON {
    /// As it goes into the store: the resourceVersion is the revision of the store's record, not a
    /// part of it.
    var stored: [UInt8] {
        var object = self
        var metadata = object["metadata"] ?? [:]
        metadata["resourceVersion"] = nil
        object["metadata"] = metadata
        return object.bytes
    }
}

extension Kinds {
    static var namespace: Kind { get throws { try need("v1", "Namespace") } }

    /// A kind that the server itself relies on.
    static func need(_ apiVersion: String, _ name: String) throws -> Kind {
        guard let kind = find(apiVersion: apiVersion, kind: name) else {
            throw StatusError.internalError("no kind \(name) in \(apiVersion)")
        }
        return kind
    }
}

extension StatusError {
    static func nameRequired(_ kind: Kind) -> StatusError {
        StatusError(
            code: 422, reason: "Invalid",
            message: "resource name may not be empty: name or generateName is required",
            details: ["kind": .string(kind.kind)])
    }

    static func terminating(_ kind: Kind, namespace: String) -> StatusError {
        let why =
            "unable to create new content in namespace \(namespace) because it is being terminated"
        let plain = StatusError.forbidden(kind, name: "", why)
        return StatusError(
            code: plain.code, reason: plain.reason, message: plain.message,
            details: [
                "kind": .string(kind.plural),
                "causes": [
                    [
                        "reason": "NamespaceTerminating", "field": "metadata.namespace",
                        "message": .string("namespace \(namespace) is being terminated"),
                    ]
                ],
            ])
    }
}
