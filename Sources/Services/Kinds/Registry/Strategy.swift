import JSON
import Objects

/// What a create takes from outside the object: nothing here asks a clock or rolls dice.
public struct CreateContext: Sendable {
    /// The namespace in the path; nil for kinds without one.
    public let namespace: String?
    public let uid: String
    /// Five characters that complete `generateName`.
    public let suffix: String
    /// RFC 3339, whole seconds, UTC: `2026-11-22T05:00:00Z`.
    public let now: String

    public init(namespace: String?, uid: String, suffix: String, now: String) {
        (self.namespace, self.uid, self.suffix, self.now) = (namespace, uid, suffix, now)
    }
}

extension Kind {
    /// So that a name made from `generateName` is a label's length at most.
    private static let generatedPrefixMax = 58

    /// An object as it enters the store: name, uid, time and generation set, status taken off,
    /// defaults filled.
    /// - Throws: 400 where the namespace is not the path's, or a resourceVersion is set.
    public func prepareForCreate(_ object: JSON, _ context: CreateContext) throws(StatusError)
        -> JSON
    {
        var object = object
        var metadata = object["metadata"] ?? [:]
        try place(&metadata, context.namespace)
        guard metadata.isEmpty("resourceVersion") else {
            throw .badRequest("resourceVersion should not be set on objects to be created")
        }
        for name in ["selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"] {
            metadata[name] = nil
        }
        if metadata.isEmpty("name"), !metadata.isEmpty("generateName") {
            let prefix = metadata.text("generateName").prefix(Kind.generatedPrefixMax)
            metadata["name"] = .string(prefix + context.suffix)
        }
        metadata["uid"] = .string(context.uid)
        metadata["creationTimestamp"] = .string(context.now)
        if hasGeneration { metadata["generation"] = 1 }
        object["metadata"] = metadata
        if hasStatus { object["status"] = nil }
        fillDefaults(&object)
        start(&object)
        return object
    }

    private func place(_ metadata: inout JSON, _ namespace: String?) throws(StatusError) {
        let given = metadata.text("namespace")
        guard given.isEmpty || given == namespace else {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        }
        metadata["namespace"] = namespaced ? namespace.map { .string($0) } : nil
    }

    /// An update as it enters the store: system fields come from `old`; a write to the object
    /// leaves the
    /// status alone and a write to `status` leaves all else alone; a changed spec counts the
    /// generation up.
    /// - Throws: 409 where the resourceVersion or uid is another one, 400 where the name is.
    public func prepareForUpdate(
        old: JSON, new: JSON, subresource: String?
    ) throws(StatusError) -> JSON {
        try checkIdentity(old: old, new: new)
        if let subresource { return merged(old, new, subresource) }
        var result = new
        result["metadata"] = systemFields(of: old["metadata"] ?? [:], on: new["metadata"] ?? [:])
        if hasStatus { result["status"] = old["status"] }
        keepAtUpdate(old, &result)
        fillDefaults(&result)
        countGeneration(old: old, new: &result)
        return result
    }

    private func checkIdentity(old: JSON, new: JSON) throws(StatusError) {
        let (before, after) = (old["metadata"] ?? [:], new["metadata"] ?? [:])
        let name = before.text("name")
        if !after.isEmpty("name"), after.text("name") != name {
            throw .badRequest(
                "the name of the object (\(after.text("name"))) does not match the name on the URL (\(name))"
            )
        }
        if !after.isEmpty("uid"), after.text("uid") != before.text("uid") {
            throw .conflict(
                self, name: name,
                "Precondition failed: UID in precondition: \(after.text("uid")), "
                    + "UID in object meta: \(before.text("uid"))")
        }
        if !after.isEmpty("resourceVersion"),
            after.text("resourceVersion") != before.text("resourceVersion")
        {
            throw .conflict(self, name: name)
        }
    }

    private func systemFields(of old: JSON, on new: JSON) -> JSON {
        var metadata = new
        for name in [
            "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds", "generateName",
        ] { metadata[name] = old[name] }
        metadata["selfLink"] = nil
        return metadata
    }

    /// Whoever writes a status may note something beside it: labels, annotations, finalizers, as the stock server has
    /// it. Source: kubernetes, the status strategies in pkg/registry.
    private func statusMetadata(of old: JSON, on new: JSON) -> JSON {
        var metadata = systemFields(of: old, on: new)
        for name in metadataKeptByStatus { metadata[name] = old[name] }
        return metadata
    }

    /// What a subresource may write, on top of the old object.
    private func merged(_ old: JSON, _ new: JSON, _ subresource: String) -> JSON {
        var result = old
        switch subresource {
        case "status":
            result["status"] = new["status"]
            result["metadata"] = statusMetadata(
                of: old["metadata"] ?? [:], on: new["metadata"] ?? [:])
        case "finalize": result["spec"] = new["spec"]
        default: break
        }
        countGeneration(old: old, new: &result)
        return result
    }

    /// metadata.generation counts changes of what is wanted: everything but metadata and status.
    private func countGeneration(old: JSON, new: inout JSON) {
        guard hasGeneration else { return }
        func wanted(_ object: JSON) -> JSON {
            var object = object
            (object["metadata"], object["status"]) = (nil, nil)
            return object
        }
        let generation = old.at("metadata", "generation")?.int ?? 0
        if wanted(old) != wanted(new) {
            new.editOrMake("metadata") { $0["generation"] = JSON(generation.adding(1)) }
        }
    }

    /// Fills what the client left out. `prepareForCreate` and `prepareForUpdate` do it by
    /// themselves.
    public func defaulted(_ object: JSON) -> JSON {
        var object = object
        fillDefaults(&object)
        return object
    }
}
