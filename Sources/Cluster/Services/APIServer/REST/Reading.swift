import JSON
import Kinds

extension API {
    func get(_ call: Call) async throws -> Response {
        let object = try await read(call)
        return try answer(call, call.kind.fromStorage(object))
    }

    /// The object that the call names, as it is stored, resourceVersion set.
    /// A client that says any revision will do is served from the cache.
    func read(_ call: Call) async throws -> JSON {
        let key = call.key(call.name)
        if call.query["resourceVersion"] == "0",
            let entry = hub.read({ $0.entry(call.kind.storage.plural, key: key) })
        {
            return try JSON(parsing: entry.bytes)
        }
        guard let stored = try await store.get(key) else {
            throw StatusError.notFound(call.kind, name: call.name)
        }
        return try stored.object
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
    var wantsTable: Bool { request.accept.contains("as=Table") }
    var wantsMetadataOnly: Bool { request.accept.contains("as=PartialObjectMetadata") }

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
