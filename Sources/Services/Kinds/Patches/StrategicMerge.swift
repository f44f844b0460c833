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
enum StrategicMerge {
    struct Failure: Error {
        let message: String
    }

    /// Without a message (a map, a tree of unknown shape) lists are replaced whole.
    static func apply(_ patch: JSON, to target: JSON, _ message: Message?) throws(Failure) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var result = target.object == nil ? [:] : target
        switch patch["$patch"]?.string {
        case "replace": return withoutDirectives(patch)
        case "delete": return [:]
        case nil, "merge"?: break
        case let other?: throw Failure(message: "Unrecognized directive for $patch: \(other)")
        }
        if let retained = patch["$retainKeys"]?.array { retain(retained, in: &result) }
        for (name, change) in changes where name.first != "$" {
            try merge(change, name, into: &result, message, patch)
        }
        try finishLists(of: &result, patch, message)
        return result
    }

    private static func merge(
        _ change: JSON, _ name: String, into result: inout JSON, _ message: Message?, _ patch: JSON
    ) throws(Failure) {
        if change.isNull {
            result[name] = nil
            return
        }
        let type = message?[name]?.type
        switch change {
        case .object:
            if change["$patch"] == "delete" {
                result[name] = nil
            } else {
                result[name] = try apply(change, to: result[name] ?? .null, element(of: type))
            }
        case .array(let elements):
            guard let field = message?[name], field.isMerged else {
                result[name] = change
                return
            }
            let current = result[name]?.array ?? []
            let merged =
                try field.mergeKey.map { (key) throws(Failure) in
                    try mergeByKey(elements, into: current, key, element(of: type))
                } ?? union(current, elements)
            result[name] = .array(merged)
        default: result[name] = change
        }
    }

    /// The message of a field's values: of the object itself, of a list's elements, of a map's
    /// values.
    private static func element(of type: FieldType?) -> Message? {
        type?.messageName.flatMap(FieldTables.message)
    }

    /// A tree without its directives: what `$patch: replace` leaves.
    private static func withoutDirectives(_ value: JSON) -> JSON {
        guard case .object(let object) = value else { return value }
        return .object(JSONObject(unique: object.members.filter { $0.name.first != "$" }))
    }

    private static func retain(_ names: [JSON], in result: inout JSON) {
        for name in result.object?.names ?? [] where !names.contains(.string(name)) {
            result[name] = nil
        }
    }
}

// MARK: Lists

extension StrategicMerge {
    private static func mergeByKey(
        _ changes: [JSON], into current: [JSON], _ key: String, _ message: Message?
    ) throws(Failure) -> [JSON] {
        if changes.contains(where: { $0["$patch"] == "replace" }) {
            return changes.filter { $0["$patch"] == nil }
        }
        var result = current
        for change in changes {
            guard let identity = change[key] else {
                throw Failure(
                    message: "map: \(change.text) does not contain declared merge key: \(key)")
            }
            let index = result.firstIndex { $0[key] == identity }
            if change["$patch"] == "delete" {
                result.removeAll { $0[key] == identity }
            } else if let index {
                result[index] = try apply(change, to: result[index], message)
            } else {
                result.append(try apply(change, to: [:], message))
            }
        }
        return result
    }

    private static func union(_ current: [JSON], _ added: [JSON]) -> [JSON] {
        added.reduce(into: current) { result, value in
            if !result.contains(value) { result.append(value) }
        }
    }

    /// Directives that stand beside a list: what to delete from it, and its order.
    private static func finishLists(
        of result: inout JSON, _ patch: JSON, _ message: Message?
    ) throws(Failure) {
        for (directive, value) in patch.object ?? JSONObject() {
            let parts = directive.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, directive.first == "$", let values = value.array else {
                continue
            }
            let name = String(parts[1])
            var list = result[name]?.array ?? []
            switch parts[0] {
            case "$deleteFromPrimitiveList": list.removeAll(where: values.contains)
            case "$setElementOrder": list = ordered(list, by: values, message?[name]?.mergeKey)
            default: throw Failure(message: "Unrecognized directive: \(directive)")
            }
            if result[name] != nil { result[name] = .array(list) }
        }
    }

    /// The elements that the order names come in that order; others, which the server has and the
    /// client does
    /// not know, keep their place after the element they followed.
    private static func ordered(_ list: [JSON], by order: [JSON], _ key: String?) -> [JSON] {
        func identity(_ element: JSON) -> JSON { key.map { element[$0] ?? .null } ?? element }
        let ranks = order.map(identity)
        let named = list.filter { ranks.contains(identity($0)) }.sorted {
            (ranks.firstIndex(of: identity($0)) ?? 0) < (ranks.firstIndex(of: identity($1)) ?? 0)
        }
        var result: [JSON] = []
        var next = 0
        for element in list {
            if ranks.contains(identity(element)) {
                result.append(named[next])
                next += 1
            } else {
                result.append(element)
            }
        }
        return result
    }
}
