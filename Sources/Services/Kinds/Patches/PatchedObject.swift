import JSON

/// A patch as it came: what it says, and which of its members it says twice.
public struct PatchBody: Sendable {
    public var patch: JSON
    public var type: PatchType
    public var duplicates: [String]

    /// - Throws: 400 where the body is no JSON.
    public init(_ body: [UInt8], _ type: PatchType) throws(StatusError) {
        do throws(JSONParser.Failure) {
            let parsed = try JSONParser.parse(body)
            (self.patch, duplicates) = (parsed.value, parsed.duplicates)
        } catch {
            throw .badRequest("error decoding patch: \(error)")
        }
        self.type = type
    }
}

extension Kind {
    /// `object` as the patch wants it, without fields that the kind doesn't have.
    ///
    /// - Throws: 400 or 422 where the patch does not fit the object; 422 with the fields' paths where it
    ///   brings unknown ones and `validation` is Strict. A body that isn't a patch gets 400 for the same:
    ///   the stock server tells them apart so.
    public func patched(
        _ object: JSON, with body: PatchBody, validation: FieldValidation
    ) throws(StatusError) -> Decoded {
        let changed = try patch(object, with: body.patch, type: body.type)
        var read = try decode(tree: changed, duplicates: body.duplicates, validation: .warn)
        if validation == .strict, !read.problems.isEmpty {
            let shown = body.type == .strategicMerge ? body.patch.inGo : changed.text
            let problems = read.problems.joined(separator: ", ")
            throw StatusError(
                code: 422, reason: "Invalid",
                message: " \"\" is invalid: patch: Invalid value: \(quoted(shown)): "
                    + "strict decoding error: \(problems)",
                details: [
                    "causes": [
                        [
                            "reason": "FieldValueInvalid", "field": "patch",
                            "message": .string(
                                "Invalid value: \(quoted(shown)): strict decoding error: \(problems)"
                            ),
                        ]
                    ]
                ])
        }
        if validation == .ignore { read.problems = [] }
        return read
    }

    private func quoted(_ text: String) -> String { JSON.string(text).text }
}

extension JSON {
    /// As Go prints a map with %+v: `map[spec:map[replicas:2]]`.
    fileprivate var inGo: String {
        switch self {
        case .null: "<nil>"
        case .bool(let flag): "\(flag)"
        case .number(let text), .string(let text): text
        case .array(let elements): "[\(elements.map(\.inGo).joined(separator: " "))]"
        case .object(let object):
            "map[\(object.sorted { $0.name < $1.name }.map { "\($0.name):\($0.value.inGo)" }.joined(separator: " "))]"
        }
    }
}
