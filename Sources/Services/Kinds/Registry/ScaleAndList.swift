import JSON

extension Kind {
    /// The autoscaling/v1 Scale of an object; nil for kinds without that subresource.
    public func scale(of object: JSON) -> JSON? {
        guard hasScale else { return nil }
        var metadata = JSON.object(JSONObject())
        for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
            metadata[name] = object.at("metadata", name)
        }
        var spec = JSON.object(JSONObject())
        if let replicas = object.at("spec", "replicas"), replicas != 0 {
            spec["replicas"] = replicas
        }
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec,
            "status": [
                "replicas": object.at("status", "replicas") ?? 0,
                "selector": .string(
                    LabelQuery(selector: object.at("spec", "selector") ?? [:]).description),
            ],
        ]
    }

    /// The object with the replicas that a Scale asks for; `prepareForUpdate` comes next.
    /// - Throws: 409 for another resourceVersion, 422 for a negative number.
    public func applying(scale: JSON, to object: JSON) throws(StatusError) -> JSON {
        let name = object["metadata"]?.text("name") ?? ""
        let version = scale["metadata"]?.text("resourceVersion") ?? ""
        if !version.isEmpty, version != object["metadata"]?.text("resourceVersion") {
            throw .conflict(self, name: name)
        }
        let replicas = scale.at("spec", "replicas") ?? 0
        var errors = FieldErrors()
        Check.notNegative(replicas, "spec.replicas", &errors)
        guard errors.all.isEmpty else { throw .invalid(.scale, name: name, errors.all) }
        var object = object
        object.editOrMake("spec") { $0["replicas"] = replicas }
        return object
    }

    /// The envelope of a list: `{"kind":"PodList",…}`.
    public func list(
        _ items: [JSON], resourceVersion: String, continueToken: String? = nil,
        remaining: Int? = nil
    ) -> JSON {
        [
            "kind": .string("\(kind)List"), "apiVersion": .string(apiVersion),
            "metadata": Kind.listMetadata(resourceVersion, continueToken, remaining),
            "items": .array(items),
        ]
    }

    static func listMetadata(_ version: String?, _ continueToken: String?, _ remaining: Int?)
        -> JSON
    {
        var metadata = JSON.object(JSONObject())
        if let version { metadata["resourceVersion"] = .string(version) }
        if let continueToken, !continueToken.isEmpty {
            metadata["continue"] = .string(continueToken)
        }
        if let remaining { metadata["remainingItemCount"] = JSON(remaining) }
        return metadata
    }
}
