import JSON

/// What to do about fields that the kind does not have: the query parameter `fieldValidation`.
public enum FieldValidation: String, Sendable {
    /// Refuse the request.
    case strict = "Strict"
    /// Drop them and say so in `Warning` headers.
    case warn = "Warn"
    /// Drop them.
    case ignore = "Ignore"

    /// From the query; nil or "" is the stock server's default, `Warn`.
    /// - Throws: 400 for an unknown word.
    public init(_ query: String?) throws(StatusError) {
        guard let query, !query.isEmpty else {
            self = .warn
            return
        }
        guard let value = FieldValidation(rawValue: query) else {
            throw .badRequest("invalid fieldValidation: \(query)")
        }
        self = value
    }
}

/// A body as the server goes on with it.
public struct Decoded: Sendable {
    /// The tree, without unknown fields and nulls; apiVersion and kind are filled in.
    public var object: JSON
    /// What was dropped: `unknown field "spec.x"`.
    public var problems: [String]
    /// Paths of fields that are kept, and of which nothing of the kit takes notice yet.
    public var notHonoured: [String] = []

    /// Texts for `Warning: 299 - "…"` headers, with quotes escaped as the header wants them.
    public var warnings: [String] {
        let idle = notHonoured.map { "\($0): nothing in this cluster honours this field yet" }
        return (problems + idle).map {
            $0.pieces(between: "\"", keepingEmpty: true).joined(separator: "\\\"")
        }
    }
}

extension Kind {
    /// Reads a request body: JSON, or protobuf where the content type says so.
    /// - Throws: 400 for what cannot be read or has unknown fields under Strict, 415 for other
    ///   content types.
    public func decode(
        _ bytes: [UInt8], contentType: String?, validation: FieldValidation
    ) throws(StatusError) -> Decoded {
        let type = contentType?.prefix { $0 != ";" }.lowercased() ?? ""
        switch type {
        case "", "application/json":
            let (tree, duplicates) = try parse(bytes)
            return try decode(tree, duplicates, validation)
        case "application/vnd.kubernetes.protobuf":
            return try decode(protobufTree(bytes), [], validation)
        default:
            throw .unsupportedMediaType(
                "the body of the request was in an unknown format - accepted media types include: "
                    + "application/json, application/yaml, application/vnd.kubernetes.protobuf")
        }
    }

    /// Checks a tree (the result of a patch, say) as `decode` checks a body.
    /// - Parameter duplicates: members that were said twice in what the tree was made of.
    public func decode(
        tree: JSON, duplicates: [String] = [], validation: FieldValidation
    ) throws(StatusError) -> Decoded {
        try decode(tree, duplicates, validation)
    }

    /// An object of this version as it is stored. The stored form has the storage version's
    /// apiVersion.
    public func toStorage(_ object: JSON) -> JSON { convertToStorage(object) }

    /// A stored object as this version shows it.
    public func fromStorage(_ object: JSON) -> JSON { convertFromStorage(object) }

    private func parse(_ bytes: [UInt8]) throws(StatusError) -> (JSON, [String]) {
        do throws(JSONParser.Failure) {
            let parsed = try JSONParser.parse(bytes)
            return (parsed.value, parsed.duplicates)
        } catch {
            throw .badRequest(
                "the object provided is unrecognized (must be of type \(kind)): "
                    + "couldn't get version/kind; json parse error: \(error)")
        }
    }

    private func protobufTree(_ bytes: [UInt8]) throws(StatusError) -> JSON {
        do throws(ProtobufFailure) {
            return try ProtobufDecoder.object(bytes, message)
        } catch {
            throw .badRequest("the body cannot be read as protobuf: \(error.message)")
        }
    }

    private func decode(
        _ tree: JSON, _ duplicates: [String], _ validation: FieldValidation
    ) throws(StatusError) -> Decoded {
        try checkType(tree)
        var decoder = TreeDecoder()
        var object: JSON
        do throws(TreeDecoder.Failure) {
            object = try decoder.decode(tree, as: message)
        } catch {
            throw .badRequest("\(cannotBeHandled): \(error.message)")
        }
        object["kind"] = .string(kind)
        object["apiVersion"] = .string(apiVersion)
        let problems =
            decoder.unknown.map { "unknown field \"\($0)\"" }
            + duplicates.map { "duplicate field \"\($0)\"" }
        if validation == .strict, !problems.isEmpty {
            throw .badRequest(
                "\(cannotBeHandled): strict decoding error: \(problems.joined(separator: ", "))")
        }
        return Decoded(
            object: object, problems: validation == .warn ? problems : [],
            notHonoured: decoder.notHonoured)
    }

    private var cannotBeHandled: String {
        "\(kind) in version \"\(version)\" cannot be handled as a \(kind)"
    }

    /// A body may leave out its type, but not have another one.
    private func checkType(_ tree: JSON) throws(StatusError) {
        guard tree.object != nil else {
            throw .badRequest(
                "\(cannotBeHandled): json: cannot unmarshal \(tree.goKind) into Go value of type v1.\(kind)"
            )
        }
        if let found = tree["apiVersion"]?.string, !found.isEmpty, found != apiVersion,
            !(message == "DeleteOptions" || message == "Scale" || message == "Eviction")
        {
            throw .badRequest(
                "the API version in the data (\(found)) does not match the expected API version (\(apiVersion))"
            )
        }
        if let found = tree["kind"]?.string, !found.isEmpty, found != kind {
            throw .badRequest("\(found) in version \"\(version)\" cannot be handled as a \(kind)")
        }
    }
}
