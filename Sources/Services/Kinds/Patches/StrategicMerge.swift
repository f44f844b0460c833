import JSON

/// Strategic merge patch: as a merge patch, but lists that the table gives a merge key are merged
/// by it.
///
///     {"containers": [{"name": "a", "image": "x"}, {"name": "b"}]}  patched with
///     {"containers": [{"name": "a", "image": "y"}]}                 is
///     {"containers": [{"name": "a", "image": "y"}, {"name": "b"}]}
///
/// Directives in a patch: `$patch: replace | delete | merge` in an object (or a list's element),
/// `$setElementOrder/LIST` for the order of the result, `$deleteFromPrimitiveList/LIST` for sets of
/// plain values,
/// `$retainKeys` to drop all members but these.
/// Source: kubernetes/community, sig-api-machinery/strategic-merge-patch.md.
struct StrategicMerge {
    struct Failure: Error {
        let message: String
    }

    /// What tells the elements of a list apart: the merge key, or all keys of the list for server-side apply.
    enum Identity { case mergeKey, listMapKeys }
    let identity: Identity
    let tables: FieldTables

    /// Without a message (a map, a tree of unknown shape) lists are replaced whole.
    func apply(_ patch: JSON, to target: JSON, _ message: Message?) throws(Failure) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var result = target.object == nil ? [:] : target
        switch patch["$patch"]?.string {
        case "replace": return Self.withoutDirectives(patch)
        case "delete": return [:]
        case nil, "merge"?: break
        case let other?: throw Failure(message: "Unrecognized directive for $patch: \(other)")
        }
        if let retained = patch["$retainKeys"]?.array { Self.retain(retained, in: &result) }
        for (name, change) in changes where !Self.isDirective(name) {
            try merge(change, name, into: &result, message)
        }
        try finishLists(of: &result, from: target, patch, message)
        return result
    }

    private func merge(
        _ change: JSON, _ name: String, into result: inout JSON, _ message: Message?
    ) throws(Failure) {
        if change.isNull {
            result[name] = nil
            return
        }
        switch change {
        case .object:
            if change["$patch"] == "delete" {
                result[name] = nil
            } else {
                let inner = element(of: message?[name]?.type)
                result[name] = try apply(change, to: result[name] ?? .null, inner)
            }
        case .array(let elements):
            guard let field = message?[name], field.isMerged else {
                result[name] = change
                return
            }
            let list = MergedList(keys: keys(of: field))
            let current = result[name]?.array ?? []
            let merged =
                field.mergeKey == nil
                ? list.union(current, elements)
                : try mergeByKey(elements, into: current, list, element(of: field.type))
            result[name] = .array(list.ordered(merged, by: elements, live: current))
        default: result[name] = change
        }
    }

    private func keys(of field: Field) -> [String] {
        guard let mergeKey = field.mergeKey else { return [] }
        return identity == .mergeKey ? [mergeKey] : field.listMapKeys
    }

    /// The message of a field's values: of the object itself, of a list's elements, of a map's
    /// values.
    private func element(of type: FieldType?) -> Message? {
        type?.messageName.flatMap { tables[$0] }
    }

    private static func isDirective(_ name: String) -> Bool {
        name.utf8.first == UInt8(ascii: "$")
    }

    /// A tree without its directives: what `$patch: replace` leaves.
    private static func withoutDirectives(_ value: JSON) -> JSON {
        guard case .object(let object) = value else { return value }
        return .object(JSONObject(unique: object.members.filter { !isDirective($0.name) }))
    }

    private static func retain(_ names: [JSON], in result: inout JSON) {
        let names = Set(names)
        guard let members = result.object?.members else { return }
        result = .object(
            JSONObject(unique: members.filter { names.contains(.string($0.name)) }))
    }
}

// MARK: Lists

extension StrategicMerge {
    private func mergeByKey(
        _ changes: [JSON], into current: [JSON], _ list: MergedList, _ message: Message?
    ) throws(Failure) -> [JSON] {
        for change in changes where change[list.keys[0]] == nil && change["$patch"] != "replace" {
            throw Failure(
                message:
                    "map: \(change.text) does not contain declared merge key: \(list.keys[0])")
        }
        if changes.contains(where: { $0["$patch"] == "replace" }) {
            return changes.filter { $0["$patch"] == nil }
        }
        let deleted = Set(changes.filter { $0["$patch"] == "delete" }.map(list.identity))
        var result = current.filter { !deleted.contains(list.identity($0)) }
        var places = list.places(result)
        for change in changes where change["$patch"] != "delete" {
            if let place = places[list.identity(change)] {
                result[place] = try apply(change, to: result[place], message)
            } else {
                places[list.identity(change)] = result.count
                result.append(try apply(change, to: [:], message))
            }
        }
        return result
    }

    /// Directives that stand beside a list: what to delete from it, and its order.
    private func finishLists(
        of result: inout JSON, from live: JSON, _ patch: JSON, _ message: Message?
    ) throws(Failure) {
        for (directive, value) in patch.object ?? JSONObject() {
            let parts = directive.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1)
            guard parts.count == 2, Self.isDirective(directive), let values = value.array else {
                continue
            }
            let name = String(Substring(parts[1]))
            guard let elements = result[name]?.array else { continue }
            switch String(Substring(parts[0])) {
            case "$deleteFromPrimitiveList":
                let values = Set(values)
                result[name] = .array(elements.filter { !values.contains($0) })
            case "$setElementOrder":
                let list = MergedList(keys: message?[name]?.mergeKey.map { [$0] } ?? [])
                result[name] = .array(
                    list.ordered(elements, by: values, live: live[name]?.array ?? []))
            default: throw Failure(message: "Unrecognized directive: \(directive)")
            }
        }
    }
}
