import HTTPServing
import JSON
import Kinds
import Linux

extension API {
    func delete(_ call: Call) async throws -> Response {
        let options = try DeletionOptions(call)
        let (object, gone) = try await remove(call, options)
        // Asked for, and still held by something: the client sees the object, and that it is about
        // to go.
        if !gone { return try answer(call, call.kind.fromStorage(object)) }
        return .json(deleted(call, object))
    }

    /// - Returns: the object, and whether it is out of the store.
    func remove(_ call: Call, _ options: DeletionOptions) async throws -> (object: JSON, gone: Bool)
    {
        var call = call
        call.isDryRun = options.isDryRun || call.isDryRun
        let gone = Flag()
        let object = try await modify(call) { [call] old in
            try self.checkVersion(call, expected: options.resourceVersion, uid: options.uid, old)
            _ = try await self.admitted(AdmissionRequest(.delete, call, old: old, object: nil))
            let marked = markedForDeletion(old, kind: call.kind.storage, options, now: nowSeconds())
            gone.value = marked.isReadyToGo(call.kind.storage)
            return marked.isReadyToGo(call.kind.storage) ? .remove : .write(marked)
        }
        return (object, gone.value)
    }

    private func deleted(_ call: Call, _ object: JSON) -> JSON {
        var details: JSON = ["name": .string(call.name), "kind": .string(call.kind.plural)]
        if !call.kind.group.isEmpty { details["group"] = .string(call.kind.group) }
        details["uid"] = object.at("metadata", "uid")
        return [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
            "details": details,
        ]
    }

    func deleteCollection(_ call: Call) async throws -> Response {
        let options = try DeletionOptions(call)
        let selection = try Selection(call)
        let listing = try await listing(call, selection)
        var removed: [JSON] = []
        for bytes in listing.items {
            let object = try JSON(parsing: bytes)
            guard selection.matches(object) else { continue }
            var one = call
            one.target.name = object.at("metadata", "name")?.string
            one.target.namespace = object.at("metadata", "namespace")?.string
            do { removed.append(try await remove(one, options).object) } catch let error
                as StatusError
                where error.code == 404
            {}  // somebody else was quicker
        }
        return .json(
            call.kind.list(
                removed.map(call.kind.fromStorage), resourceVersion: String(listing.revision)))
    }
}

/// Set by one attempt, read after the last.
private final class Flag: @unchecked Sendable {  // attempts follow each other, they never overlap
    var value = false
}
