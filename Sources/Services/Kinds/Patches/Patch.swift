import JSON

/// The ways to say a change, by content type.
public enum PatchType: String, Sendable {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategicMerge = "application/strategic-merge-patch+json"
    case apply = "application/apply-patch+yaml"

    /// From a `Content-Type` header, parameters aside; nil for others.
    public init?(_ contentType: String) {
        let type = contentType.prefix { $0 != ";" }
        self.init(rawValue: String(type).lowercased())
    }
}

extension Kind {
    /// `object` changed as `patch` says. The result still has to be decoded and validated.
    ///
    /// An apply patch is merged strategically: fields that other managers own are not tracked.
    /// - Throws: 400 for a patch that makes no sense, 422 for a JSON patch that does not fit the
    ///   object.
    public func patch(_ object: JSON, with patch: JSON, type: PatchType) throws(StatusError) -> JSON
    {
        switch type {
        case .json:
            do throws(JSONPatch.Failure) {
                return try JSONPatch.apply(patch, to: object)
            } catch  where error.isTooLarge {
                throw StatusError(
                    code: 413, reason: "RequestEntityTooLarge", message: error.message)
            } catch {
                throw StatusError(
                    code: error.isMalformed ? 400 : 422,
                    reason: error.isMalformed ? "BadRequest" : "Invalid",
                    message:
                        "the server rejected our request due to an error in our request: \(error.message)"
                )
            }
        case .merge:
            guard patch.object != nil else { throw .badRequest("a merge patch must be an object") }
            return MergePatch.apply(patch, to: object)
        case .strategicMerge, .apply:
            guard patch.object != nil else {
                throw .badRequest("a strategic merge patch must be an object")
            }
            do throws(StrategicMerge.Failure) {
                let merge = StrategicMerge(
                    identity: type == .apply ? .listMapKeys : .mergeKey, tables: tables)
                return try merge.apply(patch, to: object, tables[message])
            } catch {
                throw .badRequest(error.message)
            }
        }
    }
}

/// JSON Merge Patch: members replace members, null removes, lists are replaced whole. Source: RFC
/// 7396.
///
///     {"a": 1, "b": {"c": 2}}  patched with  {"a": null, "b": {"d": 3}}  is  {"b": {"c": 2, "d":
///   3}}
public enum MergePatch {
    public static func apply(_ patch: JSON, to target: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var result = target.object == nil ? [:] : target
        for (name, change) in changes {
            if change.isNull {
                result[name] = nil
            } else {
                result[name] = apply(change, to: result[name] ?? .null)
            }
        }
        return result
    }
}
