import JSON

/// The text of a template that `templateHash` is made from: JSON with sorted members, without nulls
/// and without the label pod-template-hash, so that the template of a Deployment and that of its
/// ReplicaSet give the same text.
public func canonicalTemplate(_ template: JSON) -> String {
    var template = template
    if var labels = template.at("metadata", "labels"), var metadata = template["metadata"] {
        labels["pod-template-hash"] = nil
        metadata["labels"] = labels.object?.isEmpty == true ? nil : labels
        template["metadata"] = metadata
    }
    return canonical(template).text
}

private func canonical(_ value: JSON) -> JSON {
    switch value {
    case .array(let elements): return .array(elements.map(canonical))
    case .object(let object):
        let kept = object.members.filter { !$0.value.isNull }.sorted { $0.name < $1.name }
        return .object(JSONObject(kept.map { ($0.name, canonical($0.value)) }))
    default: return value
    }
}
