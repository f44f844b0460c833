import HTTPServing
import JSON
import Kinds

// What a client says about a request beside the object itself. The same word means the same in a
// query and in a body, for every verb; a word that nobody knows is refused, and so is text where a
// number belongs.
// Source: apimachinery, pkg/apis/meta/v1/validation and pkg/apis/meta/internalversion/validation.

extension Query {
    /// A whole number of 64 bits; nil where the parameter is absent.
    /// - Throws: 400 for anything else.
    func integer(_ name: String) throws(StatusError) -> Int? {
        guard let text = self[name] else { return nil }
        if let number = Int(text) { return number }
        throw .badRequest("\(name): parsing \"\(text)\": invalid syntax or out of range")
    }

    /// A resourceVersion; nil where none is named. One that no store can reach yet is as far off as
    /// can be told.
    /// - Throws: 400 for what is no number.
    func revision(_ name: String = "resourceVersion") throws(StatusError) -> Int? {
        guard let text = self[name], !text.isEmpty else { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw .badRequest("\(name): Invalid value: \"\(text)\": invalid resource version")
        }
        return Int(text) ?? .max
    }

    /// Whether the write is only to be tried: `dryRun=All`, the one word there is.
    /// - Throws: 422 for another.
    func dryRun(_ options: String) throws(StatusError) -> Bool {
        try asksForDryRun(all("dryRun").map { .string($0) }, options)
    }
}

/// Whether a list of wishes asks for a dry run; 422 for a wish that nobody knows.
func asksForDryRun(_ words: [JSON], _ options: String) throws(StatusError) -> Bool {
    if let other = words.first(where: { $0 != "All" }) {
        throw .badOptions(options) { $0.notSupported("dryRun", other, ["All"]) }
    }
    return !words.isEmpty
}

/// What a client says about a list or a watch.
struct ListOptions: Sendable {
    enum Match: String, Sendable {
        case exact = "Exact"
        case notOlderThan = "NotOlderThan"
    }

    /// 0 or less: all at once.
    var limit = 0
    /// Where an earlier page ended; nil for a list from the start.
    var continueToken: String?
    var revision: Int?
    var match: Match?
    /// Nil where the client doesn't say.
    var sendsInitialEvents: Bool?
    var timeoutSeconds: Int?

    /// - Throws: 400 for what is no number, 422 for words that don't go together.
    init(_ query: Query, isWatch: Bool) throws(StatusError) {
        limit = try query.integer("limit") ?? 0
        timeoutSeconds = try query.integer("timeoutSeconds")
        revision = try query.revision()
        continueToken = query["continue"].flatMap { $0.isEmpty ? nil : $0 }
        sendsInitialEvents = query["sendInitialEvents"].map { _ in query.flag("sendInitialEvents") }
        let word = query["resourceVersionMatch"] ?? ""
        match = Match(rawValue: word)
        var errors = FieldErrors()
        if isWatch { checkWatch(word, &errors) } else { checkList(word, &errors) }
        if !errors.all.isEmpty { throw .badOptions("ListOptions", errors) }
        // A token holds the revision of the first page, which the others share.
        if !isWatch, continueToken != nil, let revision, revision != 0 {
            throw .badRequest("specifying resource version is not allowed when using continue")
        }
    }

    private func checkList(_ word: String, _ errors: inout FieldErrors) {
        let field = "resourceVersionMatch"
        if !word.isEmpty {
            if revision == nil {
                errors.forbidden(field, "\(field) is forbidden unless resourceVersion is provided")
            }
            if continueToken != nil {
                errors.forbidden(field, "\(field) is forbidden when continue is provided")
            }
            if match == nil {
                errors.notSupported(field, .string(word), ["Exact", "NotOlderThan", ""])
            }
            if match == .exact, revision == 0 {
                errors.forbidden(field, "\(field) \"exact\" is forbidden for resourceVersion \"0\"")
            }
        }
        if sendsInitialEvents != nil {
            errors.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")
        }
    }

    private func checkWatch(_ word: String, _ errors: inout FieldErrors) {
        let field = "resourceVersionMatch"
        if sendsInitialEvents != nil, match != .notOlderThan {
            errors.forbidden(
                field, "sendInitialEvents requires setting \(field) to NotOlderThan")
        }
        guard !word.isEmpty else { return }
        if sendsInitialEvents == nil {
            errors.forbidden(
                field, "\(field) is forbidden for watch unless sendInitialEvents is provided")
        }
        if match != .notOlderThan {
            errors.notSupported(field, .string(word), ["NotOlderThan"])
        }
        if continueToken != nil {
            errors.forbidden(field, "\(field) is forbidden when continue is provided")
        }
    }
}

extension StatusError {
    /// 422 about the options of a request: `ListOptions.meta.k8s.io "" is invalid: …`.
    /// - Parameter name: of the object that the options are about, where the stock server names it.
    static func badOptions(
        _ options: String, _ errors: FieldErrors, group: String = "meta.k8s.io", name: String = ""
    ) -> StatusError {
        let texts = errors.all.map { $0.description }
        let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        let kind = group.isEmpty ? options : "\(options).\(group)"
        var details: JSON = ["kind": .string(options), "causes": .array(errors.all.map(\.cause))]
        if !name.isEmpty { details["name"] = .string(name) }
        if !group.isEmpty { details["group"] = .string(group) }
        return StatusError(
            code: 422, reason: "Invalid",
            message: "\(kind) \"\(name)\" is invalid: \(list)", details: details)
    }

    static func badOptions(
        _ options: String, _ complain: (inout FieldErrors) -> Void
    ) -> StatusError {
        var errors = FieldErrors()
        complain(&errors)
        return .badOptions(options, errors)
    }
}
