import Linux
import Testing

/// What comes from outside is held in types: numbers within their fields' ranges, text as bytes.
@Suite struct NumbersAndText {
    private static func files(_ folder: String) -> [TextFile] {
        Tree.swiftFiles(below: [folder])
    }

    /// `@Count` and `@Seconds` bound what a user may have written; a moment and an amount bound themselves.
    @Test func objectsHoldNoNumberWithoutBounds() {
        let own: Set = ["Bounded.swift", "Quantity.swift", "Timestamp.swift"]
        for file in Self.files("Sources/Values/Objects") where !own.contains(file.name) {
            for (index, line) in file.lines.enumerated() where line.contains("public var ") {
                let words = line.split(separator: " ")
                guard words.contains("Int") || words.contains("Int?"), !line.contains("{") else {
                    continue
                }
                let isHeld = line.contains("@Count ") || line.contains("@Seconds ")
                #expect(isHeld, "\(file.path):\(index + 1): write @Count or @Seconds before it")
            }
        }
    }

    /// A `Character` is a grapheme: a separator that a combining mark follows is another one, and none.
    @Test func textOfRequestsIsSplitAmongItsBytes() {
        let readingTables: Set = ["FieldTableParser.swift", "FieldTable.swift", "FieldRules.swift"]
        for file in Self.files("Sources/Values/JSON") + Self.files("Sources/Services/Kinds")
        where !readingTables.contains(file.name) {
            for (index, line) in file.lines.enumerated() {
                let code = line.drop { $0 == " " }
                if code.hasPrefix("//") { continue }
                for word in ["split(separator: \"", "Character(", ": Character"] {
                    #expect(!code.contains(word), "\(file.path):\(index + 1): \(word)")
                }
            }
        }
    }
}
