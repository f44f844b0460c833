import HTTPServing
import JSON
import Kinds
import Objects

/// What a client wants of a log. Source: kubernetes, pkg/apis/core/validation,
/// ValidatePodLogOptions.
struct LogOptions: Sendable {
    private var words: [(name: String, value: String)] = []

    /// - Throws: 400 for what is no number or time, 422 for one out of bounds.
    init(_ call: Call) throws(StatusError) {
        let query = call.query
        for name in ["follow", "previous", "timestamps"] where query.flag(name) {
            words.append((name, "true"))
        }
        var errors = FieldErrors()
        for (name, least) in [("limitBytes", 1), ("sinceSeconds", 1), ("tailLines", 0)] {
            guard let number = try query.integer(name) else { continue }
            if number < least {
                let why =
                    least == 0 ? "must be greater than or equal to 0" : "must be greater than 0"
                errors.invalid(name, JSON(number), why)
            }
            words.append((name, String(number)))
        }
        if let time = query["sinceTime"], !time.isEmpty {
            guard Timestamp(time) != nil else {
                throw .badRequest("sinceTime: parsing \"\(time)\": no time as RFC 3339 has it")
            }
            if query["sinceSeconds"] != nil {
                errors.forbidden(
                    "sinceTime", "at most one of `sinceTime` or `sinceSeconds` may be specified")
            }
            words.append(("sinceTime", time))
        }
        guard errors.all.isEmpty else {
            throw .badOptions("PodLogOptions", errors, group: "", name: call.name)
        }
    }

    /// As a kubelet gets it, each value escaped: what a client wrote stays one value.
    var query: String {
        let items = words.map { "\($0.name)=\(percentEncoded($0.value))" }
        return items.isEmpty ? "" : "?" + items.joined(separator: "&")
    }
}
