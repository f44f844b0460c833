import JSON

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
    /// An object as it enters the store: name, uid, time and generation set, status taken off, defaults filled.
    /// - Throws: 400 where the namespace is not the path's.
    public func prepareForCreate(_ object: JSON, _ context: CreateContext) throws(StatusError) -> JSON {
        object
    }

    /// An update as it enters the store: system fields come from `old`; a write to the object leaves the
    /// status alone and a write to `status` leaves all else alone; a changed spec counts the generation up.
    /// - Throws: 409 where the resourceVersion or uid is another one.
    public func prepareForUpdate(
        old: JSON, new: JSON, subresource: String?
    ) throws(StatusError) -> JSON { new }

    /// Fills what the client left out. `prepareForCreate` and `prepareForUpdate` do it by themselves.
    public func defaulted(_ object: JSON) -> JSON {
        var object = object
        fillDefaults(&object)
        return object
    }

    /// - Throws: 422 with one cause a field.
    public func validate(_ object: JSON) throws(StatusError) {}

    /// As `validate`, and that nothing changed that must not.
    public func validateUpdate(old: JSON, new: JSON) throws(StatusError) {}

    /// The autoscaling/v1 Scale of an object; nil for kinds without that subresource.
    public func scale(of object: JSON) -> JSON? { nil }

    /// The object with the replicas that a Scale asks for.
    public func applying(scale: JSON, to object: JSON) throws(StatusError) -> JSON { object }

    /// The envelope of a list: `{"kind":"PodList",…}`.
    public func list(
        _ items: [JSON], resourceVersion: String, continueToken: String? = nil, remaining: Int? = nil
    ) -> JSON {
        var metadata: JSON = ["resourceVersion": .string(resourceVersion)]
        if let continueToken, !continueToken.isEmpty { metadata["continue"] = .string(continueToken) }
        if let remaining { metadata["remainingItemCount"] = JSON(remaining) }
        return [
            "kind": .string("\(kind)List"), "apiVersion": .string(apiVersion), "metadata": metadata,
            "items": .array(items),
        ]
    }
}
