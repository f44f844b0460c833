/// The text of a table and the package whose messages it lists.
public struct FieldTable: Sendable {
    let package: String
    let text: String

    /// - Parameters:
    ///   - package: what OpenAPI calls the messages by: `io.k8s.api.core.v1`.
    ///   - text: lines as `Message` describes them; one that doesn't fit is a mistake of the program, which ends.
    public init(_ package: String, _ text: String) { (self.package, self.text) = (package, text) }
}

/// The messages of some tables, by name. A value: a kind brings its own beside those that are built in.
public struct FieldTables: Sendable {
    let messages: [String: Message]

    /// The message of that name; nil where no table has it.
    public subscript(_ name: String) -> Message? { messages[name] }

    /// These messages and those of one more table, which may use these. The text is as `Message` says.
    func adding(_ table: FieldTable) -> FieldTables {
        var messages = messages
        Self.parse(table, into: &messages)
        return FieldTables(messages: messages)
    }

    /// Read once; a test reads every table and finds lines that don't fit.
    public static let builtIn = all.reduce(FieldTables(messages: [:])) { $0.adding($1) }

    private static let all: [FieldTable] = [
        meta, core, pods, containers, volumes, scheduling, podStatus, services, nodes, apps, batch,
        autoscaling,
        rbac, reviews, small,
    ]

    private static func parse(_ table: FieldTable, into messages: inout [String: Message]) {
        var open: (name: String, isObject: Bool, doc: String, fields: [Field])?
        func close() {
            guard let open else { return }
            messages[open.name] = Message(
                name: open.name, package: table.package, isObject: open.isObject,
                fields: open.fields,
                doc: open.doc)
        }
        for line in table.text.split(separator: "\n") {
            let halves = line.split(separator: "|", maxSplits: 1)
            let words = halves[0].split(separator: " ")
            let doc = halves.count == 2 ? String(halves[1].drop { $0 == " " }) : ""
            if line.first?.isNumber == true {
                open?.fields += fields(words, doc, messages)
            } else {
                close()
                let isObject = words[0].last == "*"
                open = (String(isObject ? words[0].dropLast() : words[0]), isObject, doc, [])
            }
        }
        close()
    }

    private static func fields(
        _ words: [Substring], _ doc: String, _ known: [String: Message]
    ) -> [Field] {
        precondition(
            words.count >= 2 + (words[0].last == "*" ? 0 : 1),
            "field tables: a field needs a number, a name and a type: \(words.joined(separator: " "))"
        )
        let numbers = words[0].split(separator: ".")
        if numbers.last == "*" {
            let within = Int(numbers[0])
            return (known[String(words[1])]?.fields ?? []).map { $0.moved(within: within) }
        }
        let presence: Presence =
            words[2].last == "?" ? .optional : words[2].last == "!" ? .always : .omitsZero
        let options = words.dropFirst(3).map { $0.split(separator: "=") }
        func option(_ name: String) -> String? {
            options.first { $0[0] == name }.map { $0.count == 2 ? String($0[1]) : "" }
        }
        for word in words.dropFirst(3) {
            precondition(
                isOption(word) || FieldRule(word) != nil, "field tables: what is \(word)?")
        }
        let mergeKey = option("merge").flatMap { $0.isEmpty ? nil : $0 }
        let field = Field(
            name: String(words[1]),
            type: FieldType(presence == .omitsZero ? words[2] : words[2].dropLast()),
            number: Int(numbers[numbers.count - 1]) ?? 0,
            within: numbers.count == 2 ? Int(numbers[0]) : nil, presence: presence,
            mergeKey: mergeKey,
            isMerged: option("merge") != nil, retainsKeys: option("retainKeys") != nil,
            listMapKeys: option("keys")?.split(separator: ",").map(String.init) ?? mergeKey.map {
                [$0]
            } ?? [],
            rules: words.dropFirst(3).compactMap { FieldRule($0) },
            notYet: option("notYet")?.split(separator: ",").map(String.init), doc: doc)
        return [field]
    }

    private static func isOption(_ word: Substring) -> Bool {
        ["merge", "retainKeys", "keys", "notYet"].contains(word.prefix { $0 != "=" })
    }
}

extension Field {
    fileprivate func moved(within: Int?) -> Field {
        Field(
            name: name, type: type, number: number, within: within, presence: presence,
            mergeKey: mergeKey,
            isMerged: isMerged, retainsKeys: retainsKeys, listMapKeys: listMapKeys, rules: rules,
            notYet: notYet, doc: doc)
    }
}
