import JSON

/// What a mark in a field table demands of a field's value: of each element of a list of plain values, of each
/// value of a map of them. The table says it once, and it holds wherever the message is used.
/// Source: k8s.io/kubernetes, the packages named validation.
public enum FieldRule: Hashable, Sendable {
    /// Neither absent nor empty; a number not 0.
    case required
    case range(ClosedRange<Int>)
    case oneOf([String])
    case form(ValueForm)

    /// `required`, `1..65535`, `0..`, `in=A,B`, `is=label`; nil for other words.
    init?(_ word: Substring) {
        if word == "required" {
            self = .required
        } else if word.hasPrefix("in=") {
            self = .oneOf(word.dropFirst(3).split(separator: ",").map(String.init))
        } else if word.hasPrefix("is="), let form = ValueForm(rawValue: String(word.dropFirst(3))) {
            self = .form(form)
        } else {
            let bounds = word.split(separator: ".", omittingEmptySubsequences: false)
            guard bounds.count == 3, bounds[1].isEmpty, let low = Int(bounds[0]) else { return nil }
            self = .range(low...(Int(bounds[2]) ?? Int.max))
        }
    }
}

/// Walks an object along its table and finds what breaks its marks.
struct FieldRules {
    let tables: FieldTables

    func check(
        _ object: JSON, _ message: Message, _ path: String, _ errors: inout FieldErrors
    ) {
        for field in message.checked {
            let place = path.isEmpty ? field.name : "\(path).\(field.name)"
            check(object[field.name], field, place, &errors)
        }
    }

    private func check(
        _ value: JSON?, _ field: Field, _ path: String, _ errors: inout FieldErrors
    ) {
        guard let value, !value.isZero(field.type) else {
            if field.rules.contains(.required) { return errors.required(path) }
            if let value, case .number = value { rules(value, field, path, &errors) }
            // What isn't a pointer in Go is there, and empty.
            guard field.presence != .optional, case .message = field.type else { return }
            return check([:], field.type, field, path, &errors)
        }
        check(value, field.type, field, path, &errors)
    }

    private func check(
        _ value: JSON, _ type: FieldType, _ field: Field, _ path: String,
        _ errors: inout FieldErrors
    ) {
        switch (type, value) {
        case (.message(let name), .object):
            guard let message = tables[name] else { return }
            check(value, message, path, &errors)
        case (.list(let element), .array(let elements)):
            for (index, one) in elements.enumerated() {
                check(one, element, field, "\(path)[\(index)]", &errors)
            }
        case (.map(let element), .object(let members)):
            for (name, one) in members {
                check(one, element, field, "\(path)[\(name)]", &errors)
            }
        default: rules(value, field, path, &errors)
        }
    }

    private func rules(
        _ value: JSON, _ field: Field, _ path: String, _ errors: inout FieldErrors
    ) {
        for rule in field.rules {
            switch rule {
            case .required: break
            case .range(let range):
                if let number = value.int, !range.contains(number) {
                    errors.invalid(path, value, Self.text(of: range))
                }
            case .oneOf(let allowed):
                if let text = value.string, !text.isEmpty, !allowed.contains(text) {
                    errors.notSupported(path, value, allowed)
                }
            case .form(let form):
                if let complaint = form.complaint(value) { errors.invalid(path, value, complaint) }
            }
        }
    }

    private static func text(of range: ClosedRange<Int>) -> String {
        if range.upperBound < .max {
            return "must be between \(range.lowerBound) and \(range.upperBound), inclusive"
        }
        return range.lowerBound == 1
            ? "must be greater than 0" : "must be greater than or equal to \(range.lowerBound)"
    }
}
