import HTTPServing
import JSON
import Kinds

extension API {
    func get(_ call: Call) async throws -> Response {
        if call.isPlain {
            let bytes = try await readBytes(call)
            return Response(
                status: 200, headers: [("Content-Type", "application/json")],
                body: .bytes(bytes + [0x0A]))
        }
        let object = try await read(call)
        return try answer(call, call.kind.fromStorage(object))
    }

    /// The object that the call names, as it is stored, resourceVersion set.
    /// A client that says any revision will do is served from the cache.
    func read(_ call: Call) async throws -> JSON { try JSON(parsing: await readBytes(call)) }

    private func readBytes(_ call: Call) async throws -> [UInt8] {
        let key = call.key(call.name)
        if try call.query.revision() == 0,
            let entry = hub.read({ $0.entry(call.kind.storage.plural, key: key) })
        {
            return entry.bytes
        }
        guard let stored = try await store.get(key) else {
            throw StatusError.notFound(call.kind, name: call.name)
        }
        return withResourceVersion(stored.value, stored.revision)
    }

    /// One object, as a table where the client prefers that.
    func answer(
        _ call: Call, _ object: JSON, status: Int = 200, warnings: [String] = []
    ) throws -> Response {
        var response: Response
        if call.wantsTable, status == 200, call.request.method == "GET" {
            let version = object.at("metadata", "resourceVersion")?.string
            response = .json(try call.table([object], resourceVersion: version), status: status)
        } else if call.wantsMetadataOnly {
            response = .json(partialMetadata(object), status: status)
        } else {
            response = .json(object, status: status)
        }
        for warning in warnings { response.headers.append(("Warning", "299 - \"\(warning)\"")) }
        return response
    }
}

extension Stored {
    var object: JSON {
        get throws {
            var object = try JSON(parsing: value)
            object.setResourceVersion(revision)
            return object
        }
    }
}

extension Call {
    /// An object is answered just as it is stored: nobody has to look inside.
    var isPlain: Bool { form == .object && kind.storage.apiVersion == kind.apiVersion }
    var wantsTable: Bool { form == .table }
    var wantsMetadataOnly: Bool { form == .metadata }

    func table(
        _ objects: [JSON], resourceVersion: String?, continueToken: String? = nil,
        remaining: Int? = nil,
        withColumns: Bool = true
    ) throws -> JSON {
        let include = IncludeObject(rawValue: query["includeObject"] ?? "Metadata") ?? .metadata
        return kind.table(
            objects, now: nowSeconds(), resourceVersion: resourceVersion,
            continueToken: continueToken,
            remaining: remaining, include: include, withColumns: withColumns)
    }
}

/// What garbage collectors need to know of an object.
func partialMetadata(_ object: JSON) -> JSON {
    [
        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
        "metadata": object["metadata"] ?? [:],
    ]
}
