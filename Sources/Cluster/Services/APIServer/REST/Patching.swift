import HTTPServing
import JSON
import Kinds
import Linux

extension API {
    func patch(_ call: Call) async throws -> Response {
        let body = try decodePatch(call)
        if body.type == .apply { return try await apply(call, body) }
        return try await patch(call, body, subresource: nil)
    }

    func patch(_ call: Call, _ body: PatchBody, subresource: String?) async throws -> Response {
        let validation = try call.validation()
        let warnings = Warnings()
        let changed = try await modify(call) { old in
            let new = try self.patched(call, old, body, validation)
            warnings.texts = new.warnings
            return try await self.prepared(
                call, old: old, new: new.object, subresource: subresource)
        }
        return try answer(call, call.kind.fromStorage(changed), warnings: warnings.texts)
    }

    func decodePatch(_ call: Call) throws -> PatchBody {
        let contentType = call.request.header("content-type") ?? ""
        guard let type = PatchType(contentType) else {
            throw StatusError.unsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json-patch+json, application/merge-patch+json, "
                    + "application/strategic-merge-patch+json, application/apply-patch+yaml")
        }
        return try PatchBody(call.request.body, type)
    }

    /// The stored object as the patch wants it; a resourceVersion in the patch is a condition.
    func patched(
        _ call: Call, _ old: JSON, _ body: PatchBody, _ validation: FieldValidation
    ) throws -> Decoded {
        let shown = call.kind.fromStorage(old)
        var changed = try call.kind.patched(shown, with: body, validation: validation)
        try checkName(changed.object, call)
        try checkVersion(call, changed.object, old)
        changed.object = call.kind.toStorage(changed.object)
        return changed
    }

    /// Server-side apply: as a patch where the object is there, as a create where it isn't.
    private func apply(_ call: Call, _ body: PatchBody) async throws -> Response {
        try checkName(body.patch, call)
        do {
            return try await patch(call, body, subresource: nil)
        } catch let error as StatusError
            where error.isAbout(call)
        {
            var creation = call
            creation.request.body = body.patch.bytes
            creation.request.headers.replaceOrAdd(name: "content-type", value: "application/json")
            return try await create(creation)
        }
    }
}

/// What the last attempt at a change wants to say to the client.
final class Warnings: Sendable {
    private let lock = Lock()
    nonisolated(unsafe) private var lines: [String] = []  // guarded by `lock`

    var texts: [String] {
        get { lock.hold { lines } }
        set { lock.hold { lines = newValue } }
    }
}
