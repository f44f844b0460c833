import ContractWatch
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
        let changed = try await replace(call, with: wanted, subresource: nil)
        return try answer(call, call.kind.fromStorage(changed), warnings: body.warnings)
    }

    /// Writes `wanted` over the object, or over the part of it that the subresource is.
    func replace(_ call: Call, with wanted: JSON, subresource: String?) async throws -> JSON {
        try await modify(call) { old in
            try self.checkVersion(call, wanted, old)
            return try self.prepared(call, old: old, new: wanted, subresource: subresource)
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
    func prepared(_ call: Call, old: JSON, new: JSON, subresource: String?) throws -> Change {
        let kind = call.kind.storage
        var object = try kind.prepareForUpdate(old: old, new: new, subresource: subresource)
        if subresource == nil { object = try mutateUpdate(call, old: old, new: object) }
        do { try kind.validateUpdate(old: old, new: object) } catch {
            services.release(in: object, notIn: old, kind: kind)
            throw error
        }
        return object.isReadyToGo ? .remove : .write(object)
    }

    /// Reads, changes and writes an object; starts over when somebody else was quicker.
    ///
    /// The first attempt takes the object from the cache, which may lag behind: a refused write
    /// brings the newest along, and an error or a change of nothing is believed only of the newest.
    func modify(_ call: Call, _ change: @Sendable (JSON) throws -> Change) async throws -> JSON {
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
            do { wanted = try change(old) } catch  where !isNewest {
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
        if call.isDryRun {
            guard case .write(let new) = change else { return .finished(old) }
            services.release(in: new, notIn: old, kind: call.kind)
            return .finished(new)
        }
        let outcome: WriteOutcome
        var object = old
        switch change {
        case .write(let new):
            object = new
            outcome = try await store.write(key, new.stored, ifRevision: revision)
        case .remove:
            outcome = try await store.delete(key, ifRevision: revision)
        }
        switch outcome {
        case .refused(let newest):
            services.release(in: object, notIn: old, kind: call.kind)
            return .overtaken(newest)
        case .done(let revision):
            if case .remove = change {
                services.forget(old, kind: call.kind)
            } else {
                services.release(in: old, notIn: object, kind: call.kind)
            }
            object.setResourceVersion(revision)
            return .finished(object)
        }
    }
}

extension JSON {
    var finalizers: [String] { (at("metadata", "finalizers")?.array ?? []).compactMap(\.string) }

    /// Deletion was asked for, and neither a finalizer nor a grace period holds the object any
    /// more.
    var isReadyToGo: Bool {
        guard at("metadata", "deletionTimestamp")?.string != nil, finalizers.isEmpty else {
            return false
        }
        if self["kind"] == "Namespace" { return (at("spec", "finalizers")?.array ?? []).isEmpty }
        return (at("metadata", "deletionGracePeriodSeconds")?.int ?? 0) == 0
    }
}
