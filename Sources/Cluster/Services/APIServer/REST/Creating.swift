import HTTPServing
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
    func create(_ call: Call, _ body: JSON) async throws -> JSON {
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
            let admitted = try await admitted(
                AdmissionRequest(.create, call, old: nil, object: object))
            if let created = try await insert(call, admitted ?? object) { return created }
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
        let key = call.key(name)
        return try await services.claiming(
            object, at: key, kind: call.kind.storage, isDryRun: call.isDryRun
        ) { object in
            if call.isDryRun {
                return (try await store.get(key) == nil ? object : nil, .dropped)
            }
            switch try await store.create(key, object.stored) {
            case .refused: return (nil, .dropped)
            case .done(let revision):
                var created = object
                created.setResourceVersion(revision)
                return (created, .stored(revision))
            }
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
