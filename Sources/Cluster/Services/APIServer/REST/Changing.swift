import ContractAdmission
import ContractWatch
import HTTPServing
import JSON
import Kinds

/// What an attempt to change an object is given, and what it asks for.
enum Change: Sendable {
    case write(JSON)
    /// Take it out of the store.
    case remove

    func changesNothing(of old: JSON, _ revision: Int) -> Bool {
        guard case .write(var new) = self else { return false }
        new.setResourceVersion(revision)
        return new == old
    }
}

extension API {
    func update(_ call: Call) async throws -> Response {
        let body = try decodeBody(call)
        try checkName(body.object, call)
        let wanted = call.kind.toStorage(body.object)
        do {
            let changed = try await replace(call, with: wanted, subresource: nil)
            return try answer(call, call.kind.fromStorage(changed), warnings: body.warnings)
        } catch let error as StatusError where call.kind.isCreatedByUpdates && error.isAbout(call) {
            return try await createInstead(call, body)
        }
    }

    /// A PUT to a name that is free, for the kinds that take it so: it needs the right to create,
    /// too.
    private func createInstead(_ call: Call, _ body: Decoded) async throws -> Response {
        var creation = call
        creation.verb = "create"
        try access.check(
            AccessQuestion(
                user: call.user, verb: "create", group: call.kind.group, resource: call.kind.plural,
                namespace: call.target.namespace ?? "", name: call.name))
        var object = body.object
        var metadata = object["metadata"] ?? [:]
        metadata["name"] = .string(call.name)
        object["metadata"] = metadata
        let created = try await create(creation, object)
        return try answer(
            call, call.kind.fromStorage(created), status: 201, warnings: body.warnings)
    }

    /// Writes `wanted` over the object, or over the part of it that the subresource is.
    func replace(_ call: Call, with wanted: JSON, subresource: String?) async throws -> JSON {
        try await modify(call) { old in
            try self.checkVersion(call, wanted, old)
            return try await self.prepared(call, old: old, new: wanted, subresource: subresource)
        }
    }

    /// The name in the body, where there is one, is that of the path.
    func checkName(_ body: JSON, _ call: Call) throws {
        guard let name = body.at("metadata", "name")?.string, name != call.name else { return }
        throw StatusError.badRequest(
            "the name of the object (\(name)) does not match the name on the URL (\(call.name))")
    }

    /// Compare-and-swap: the object must be as the client read it, where the client says which that
    /// was.
    func checkVersion(_ call: Call, _ wanted: JSON, _ old: JSON) throws {
        try checkVersion(
            call, expected: wanted.at("metadata", "resourceVersion")?.string ?? "",
            uid: wanted.at("metadata", "uid")?.string ?? "", old)
    }

    func checkVersion(_ call: Call, expected: String, uid: String, _ old: JSON) throws {
        let facts = WriteFacts(
            expected: expected, actual: old.at("metadata", "resourceVersion")?.string ?? "",
            expectedUID: uid, actualUID: old.at("metadata", "uid")?.string ?? "")
        switch try watches.mayWrite(facts) {
        case .yes: return
        case .changed: throw StatusError.conflict(call.kind, name: call.name)
        case .replaced:
            throw StatusError.conflict(
                call.kind, name: call.name,
                "Precondition failed: UID in precondition: \(facts.expectedUID), UID in object meta: \(facts.actualUID)"
            )
        }
    }

    /// The new object with what the system decides, checked; or its removal, where the last
    /// finalizer went.
    func prepared(
        _ call: Call, old: JSON, new: JSON, subresource: String?
    ) async throws -> Change {
        let kind = call.kind.storage
        let wanted = try kind.prepareForUpdate(old: old, new: new, subresource: subresource)
        let object =
            try await admitted(AdmissionRequest(.update, call, old: old, object: wanted)) ?? wanted
        try kind.validateUpdate(old: old, new: object)
        return object.isReadyToGo(kind) ? .remove : .write(object)
    }

    /// Reads, changes and writes an object; starts over when somebody else was quicker.
    ///
    /// The first attempt takes the object from the cache, which may lag behind: a refused write
    /// brings the newest along, and an error or a change of nothing is believed only of the newest.
    func modify(
        _ call: Call, _ change: @Sendable (JSON) async throws -> Change
    ) async throws -> JSON {
        let key = call.key(call.name)
        let cached = hub.read { $0.entry(call.kind.storage.plural, key: key) }
        var current = cached.map { Stored(key: key, value: $0.bytes, revision: $0.revision) }
        var isNewest = current == nil
        if isNewest { current = try await store.get(key) }
        while true {
            guard let found = current else {
                throw StatusError.notFound(call.kind, name: call.name)
            }
            let old = try found.object
            let wanted: Change
            do { wanted = try await change(old) } catch  where !isNewest {
                (current, isNewest) = (try await store.get(key), true)
                continue
            }
            if wanted.changesNothing(of: old, found.revision) {
                if isNewest { return old }
                (current, isNewest) = (try await store.get(key), true)
                continue
            }
            switch try await carryOut(call, key, wanted, old, found.revision) {
            case .finished(let object): return object
            case .overtaken(let newest): (current, isNewest) = (newest, true)
            }
        }
    }

    private enum Carried {
        case finished(JSON)
        /// Somebody wrote in between; this is there now.
        case overtaken(Stored?)
    }

    private func carryOut(
        _ call: Call, _ key: String, _ change: Change, _ old: JSON, _ revision: Int
    ) async throws -> Carried {
        guard case .write(let new) = change else {
            if call.isDryRun { return .finished(old) }
            return try await takeOut(key, old, revision)
        }
        return try await services.claiming(
            new, over: old, at: key, kind: call.kind.storage, isDryRun: call.isDryRun
        ) { new in
            if call.isDryRun { return (.finished(new), .dropped) }
            switch try await store.write(key, new.stored, ifRevision: revision) {
            case .refused(let newest): return (.overtaken(newest), .dropped)
            case .done(let revision):
                var written = new
                written.setResourceVersion(revision)
                return (.finished(written), .stored(revision))
            }
        }
    }

    private func takeOut(_ key: String, _ old: JSON, _ revision: Int) async throws -> Carried {
        switch try await store.delete(key, ifRevision: revision) {
        case .refused(let newest): return .overtaken(newest)
        case .done(let revision):
            services.forget(key, revision: revision)
            var gone = old
            gone.setResourceVersion(revision)
            return .finished(gone)
        }
    }
}

extension JSON {
    var finalizers: [String] { (at("metadata", "finalizers")?.array ?? []).compactMap(\.string) }

    /// Deletion was asked for, and neither a finalizer nor a grace period holds the object any
    /// more.
    func isReadyToGo(_ kind: Kind) -> Bool {
        guard at("metadata", "deletionTimestamp")?.string != nil, finalizers.isEmpty, !kind.isHeld(self) else {
            return false
        }
        return (at("metadata", "deletionGracePeriodSeconds")?.int ?? 0) == 0
    }
}

extension StatusError {
    /// Whether it says that the very object of the call is not there.
    func isAbout(_ call: Call) -> Bool {
        code == 404 && details?["name"]?.string == call.name
            && details?["kind"]?.string == call.kind.plural
    }
}
