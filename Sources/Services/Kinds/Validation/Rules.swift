import JSON

/// What is wrong with an object of a kind, and which changes are forbidden.
public struct Rules: Sendable {
    /// Finds what is wrong with a whole object (metadata aside).
    var check: @Sendable (JSON, inout FieldErrors) -> Void = { _, _ in }
    /// Finds forbidden changes: old, new.
    var update: @Sendable (JSON, JSON, inout FieldErrors) -> Void = { _, _, _ in }

    /// - Parameters:
    ///   - check: of a whole object, metadata aside.
    ///   - update: of a change: the old object, the new one.
    public init(
        check: @escaping @Sendable (JSON, inout FieldErrors) -> Void = { _, _ in },
        update: @escaping @Sendable (JSON, JSON, inout FieldErrors) -> Void = { _, _, _ in }
    ) {
        (self.check, self.update) = (check, update)
    }
}

extension Kind {
    /// - Throws: 422 with one cause a field.
    public func validate(_ object: JSON) throws(StatusError) {
        try refuse(object, mistakes(in: object))
    }

    /// As `validate`, and that nothing changed that must not. What was wrong already may stay so: it was taken
    /// before there was a rule for it.
    public func validateUpdate(old: JSON, new: JSON) throws(StatusError) {
        var errors = FieldErrors()
        Metadata.checkUpdate(old["metadata"] ?? [:], new["metadata"] ?? [:], &errors)
        rules.update(old, new, &errors)
        try refuse(new, errors.all)
        let mistakes = mistakes(in: new)
        if mistakes.isEmpty { return }
        let known = Set(self.mistakes(in: old))
        try refuse(new, mistakes.filter { !known.contains($0) })
    }

    private func mistakes(in object: JSON) -> [FieldError] {
        var errors = FieldErrors()
        Metadata.check(object["metadata"] ?? [:], self, &errors)
        rules.check(object, &errors)
        if let message = tables[message] {
            FieldRules(tables: tables).check(object, message, "", &errors)
        }
        return errors.all
    }

    private func refuse(_ object: JSON, _ errors: [FieldError]) throws(StatusError) {
        guard !errors.isEmpty else { return }
        throw .invalid(self, name: object["metadata"]?.text("name") ?? "", errors)
    }
}

/// The rules for what every object has.
enum Metadata {
    private static let annotationBytesMax = 256 * 1024

    static func check(_ metadata: JSON, _ kind: Kind, _ errors: inout FieldErrors) {
        let name = metadata.text("name")
        if kind.nameRule != .none {
            if name.isEmpty {
                errors.required("metadata.name", "name or generateName is required")
            } else if let complaint = Names.complaint(name, kind.nameRule) {
                errors.invalid("metadata.name", .string(name), complaint)
            }
        }
        if kind.namespaced, kind.isStored, metadata.isEmpty("namespace") {
            errors.required("metadata.namespace")
        }
        labels(metadata["labels"], "metadata.labels", &errors)
        annotations(metadata["annotations"], "metadata.annotations", &errors)
        let owners = metadata.list("ownerReferences")
        let controllers = owners.filter { $0["controller"] == true }.map { $0.text("name") }
        if controllers.count > 1 {
            errors.invalid(
                "metadata.ownerReferences", .array(owners),
                "Only one reference can have Controller set to true. Found \"true\" in references for "
                    + "\(controllers[0]) and \(controllers[1])")
        }
        finalizers(metadata.list("finalizers"), &errors)
    }

    /// Those that Kubernetes sets itself have no domain in their names.
    private static let ownFinalizers: Set<JSON> = ["foregroundDeletion", "kubernetes", "orphan"]

    private static func finalizers(_ names: [JSON], _ errors: inout FieldErrors) {
        for (index, name) in names.enumerated() {
            let path = "metadata.finalizers[\(index)]"
            if let complaint = Names.qualified(name.string ?? "") {
                errors.invalid(path, name, complaint)
            } else if !ownFinalizers.contains(name),
                name.string?.utf8.contains(UInt8(ascii: "/")) == false
            {
                errors.invalid(
                    path, name,
                    "name is neither a standard finalizer name nor is it fully qualified")
            }
        }
        if names.contains("orphan"), names.contains("foregroundDeletion") {
            errors.invalid(
                "metadata.finalizers", .array(names),
                "finalizer orphan and foregroundDeletion cannot be both set")
        }
    }

    /// What is to go can't be held up anew.
    static func checkUpdate(_ old: JSON, _ new: JSON, _ errors: inout FieldErrors) {
        guard !old.isEmpty("deletionTimestamp") else { return }
        let before = Set(old.list("finalizers"))
        let added = new.list("finalizers").filter { !before.contains($0) }
        guard !added.isEmpty else { return }
        errors.forbidden(
            "metadata.finalizers",
            "no new finalizers can be added if the object is being deleted, found new finalizers "
                + JSON.array(added).text)
    }

    static func labels(_ labels: JSON?, _ path: String, _ errors: inout FieldErrors) {
        for (key, value) in labels?.object ?? JSONObject() {
            if let complaint = Names.qualified(key) {
                errors.invalid(path, .string(key), complaint)
            }
            if let complaint = Names.labelValue(value.string ?? "") {
                errors.invalid(path, value, complaint)
            }
        }
    }

    private static func annotations(
        _ annotations: JSON?, _ path: String, _ errors: inout FieldErrors
    ) {
        var bytes = 0
        for (key, value) in annotations?.object ?? JSONObject() {
            // Annotations may have upper case in their prefix.
            if let complaint = Names.qualified(key.lowercased()) {
                errors.invalid(path, .string(key), complaint)
            }
            bytes += key.utf8.count + (value.string?.utf8.count ?? 0)
        }
        if bytes > annotationBytesMax { errors.tooLong(path, annotationBytesMax) }
    }
}

/// Checks that many kinds share.
enum Check {
    static func notNegative(_ value: JSON?, _ path: String, _ errors: inout FieldErrors) {
        if let number = value?.int, number < 0 {
            errors.invalid(path, value, "must be greater than or equal to 0")
        }
    }

    /// An absent or empty value passes: defaulting has filled what must be there.
    static func oneOf(
        _ value: JSON?, _ allowed: [String], _ path: String, _ errors: inout FieldErrors
    ) {
        guard let text = value?.string, !text.isEmpty, !allowed.contains(text) else { return }
        errors.notSupported(path, value, allowed)
    }

    static func immutable(_ old: JSON?, _ new: JSON?, _ path: String, _ errors: inout FieldErrors) {
        if old != new { errors.invalid(path, new ?? .null, "field is immutable") }
    }

    static func selector(_ selector: JSON?, _ path: String, _ errors: inout FieldErrors) {
        guard let selector else { return }
        Metadata.labels(selector["matchLabels"], "\(path).matchLabels", &errors)
        for (index, one) in selector.list("matchExpressions").enumerated() {
            let path = "\(path).matchExpressions[\(index)]"
            let hasValues = !one.isEmpty("values")
            switch one.text("operator") {
            case "In", "NotIn":
                if !hasValues {
                    errors.required(
                        "\(path).values", "must be specified when `operator` is 'In' or 'NotIn'")
                }
            case "Exists", "DoesNotExist":
                if hasValues {
                    errors.forbidden(
                        "\(path).values",
                        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
                }
            default:
                errors.invalid(
                    "\(path).operator", one["operator"] ?? "", "not a valid selector operator")
            }
            if let complaint = Names.qualified(one.text("key")) {
                errors.invalid("\(path).key", one["key"] ?? "", complaint)
            }
        }
    }

    /// A percentage or a number that is not negative.
    static func share(
        _ value: JSON?, _ path: String, atMost percentMax: Int = .max, _ errors: inout FieldErrors
    ) {
        guard let value else { return }
        if let text = value.string {
            let digits = text.utf8.dropLast()
            guard text.utf8.last == UInt8(ascii: "%"), !digits.isEmpty,
                digits.allSatisfy({ (0x30...0x39).contains($0) })
            else {
                return errors.invalid(
                    path, value,
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
                        + "'93%', regex used for validation is '[0-9]+%')")
            }
            if Int(Substring(digits)) ?? .max > percentMax {
                errors.invalid(path, value, "must not be greater than \(percentMax)%")
            }
        } else {
            notNegative(value, path, &errors)
        }
    }

    static func isZeroShare(_ value: JSON?) -> Bool {
        guard let value else { return true }
        if let text = value.string { return text.utf8.allSatisfy { "0%".utf8.contains($0) } }
        return value.int == 0
    }
}
