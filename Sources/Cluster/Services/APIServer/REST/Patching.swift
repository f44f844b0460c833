import JSON
import Kinds

extension API {
    func patch(_ call: Call) async throws -> Response {
        let (patch, type) = try decodePatch(call)
        if type == .apply { return try await apply(call, patch) }
        let validation = try call.validation()
        let changed = try await modify(call) { old in
            let new = try self.patched(call, old, patch, type, validation)
            return try self.prepared(call, old: old, new: new, subresource: nil)
        }
        return try answer(call, call.kind.fromStorage(changed))
    }

    func decodePatch(_ call: Call) throws -> (JSON, PatchType) {
        let contentType = call.request.header("content-type") ?? ""
        guard let type = PatchType(contentType) else {
            throw StatusError.unsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json-patch+json, application/merge-patch+json, "
                    + "application/strategic-merge-patch+json, application/apply-patch+yaml")
        }
        do { return (try JSON(parsing: call.request.body), type) } catch {
            throw StatusError.badRequest("error decoding patch: \(error)")
        }
    }

    /// The stored object as the patch wants it; a resourceVersion in the patch is a condition.
    func patched(
        _ call: Call, _ old: JSON, _ patch: JSON, _ type: PatchType, _ validation: FieldValidation
    ) throws -> JSON {
        let shown = call.kind.fromStorage(old)
        let changed = try call.kind.patch(shown, with: patch, type: type)
        try checkName(changed, call)
        try checkVersion(call, changed, old)
        return call.kind.toStorage(
            try call.kind.decode(tree: changed, validation: validation).object)
    }

    /// Server-side apply: as a patch where the object is there, as a create where it isn't.
    private func apply(_ call: Call, _ patch: JSON) async throws -> Response {
        try checkName(patch, call)
        let validation = try call.validation()
        do {
            let changed = try await modify(call) { old in
                let new = try self.patched(call, old, patch, .apply, validation)
                return try self.prepared(call, old: old, new: new, subresource: nil)
            }
            return try answer(call, call.kind.fromStorage(changed))
        } catch let error as StatusError
            where error.code == 404 && error.details?["name"]?.string == call.name
        {
            var creation = call
            creation.request.body = patch.bytes
            creation.request.headers.replaceOrAdd(name: "content-type", value: "application/json")
            return try await create(creation)
        }
    }
}
