import JSON
import Testing

/// Dice with a seed: a failing run can be had again.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct JSONText {
    @Test(
        "What is legal is read and written back the same",
        arguments: [
            "null", "true", "false", "0", "-0", "1.50", "1e3", "1E+3", "-12.5e-7",
            "1152921504606846977", "\"\"",
            "[]", "{}", "[1,[2,[3]]]", #"{"a":{"b":[null,true]},"c":"d"}"#, #""\"\\\n\r\t\u0001""#,
            "\"ü€𝄞\"",
        ])
    func roundTrip(text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test(
        "What is illegal is refused",
        arguments: [
            "", " ", "nul", "truefalse", "tru", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1",
            "NaN", "Infinity",
            "[", "[1", "[1,", "[1,]", "[,1]", "{", "{a:1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
            #"{"a":1 "b":2}"#,
            "\"", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u+123\"", "\"\\ud800\"",
            "\"\\ud800\\u0041\"", "\"\\udc00\"",
            "\"\n\"", "\"\u{01}\"", "1 2", "[] []", "'a'", "// c\n1", "\u{FEFF}1",
        ])
    func refused(text: String) {
        #expect(throws: JSONParser.Failure.self) { try JSON(parsing: text) }
    }

    @Test func `Bytes that are no UTF-8 are refused`() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        ] {
            #expect(throws: JSONParser.Failure.self) { try JSON(parsing: bytes) }
        }
    }

    @Test func `Escapes and surrogate pairs are read`() throws {
        #expect(try JSON(parsing: #""\u0041\/\b\f\ud834\udd1e""#) == .string("A/\u{8}\u{c}𝄞"))
    }

    @Test func `A failure says where it is`() {
        #expect(throws: JSONParser.Failure.self) { try JSON(parsing: "{\n  \"a\": x}") }
        do {
            _ = try JSON(parsing: "{\n  \"a\": x}")
        } catch {
            #expect((error.line, error.column) == (2, 8))
            #expect(error.description == "line 2, column 8: unexpected character 'x'")
        }
    }

    @Test func `Depth is bounded and no stack overflows`() throws {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(try JSON(parsing: deep).text == deep)
        for bracket in ["[", "{\"a\":"] {
            #expect(throws: JSONParser.Failure.self) {
                try JSON(parsing: String(repeating: bracket, count: 1_000_000))
            }
        }
    }
}

@Suite struct JSONMembers {
    @Test func `Members that stand twice are told with their paths, and the last counts`() throws {
        let text = #"{"a":1,"a":2,"spec":{"containers":[{"name":"x","name":"y"}]}}"#
        let (value, duplicates) = try JSONParser.parse(Array(text.utf8))
        #expect(duplicates == ["a", "spec.containers[0].name"])
        #expect(value["a"] == 2)
        #expect(value.at("spec", "containers")?[0]?["name"] == "y")
    }

    @Test func `Members that stand twice are found in large objects too`() throws {
        let members = (0..<5000).map { "\"k\($0)\":\($0)" } + ["\"k4999\":1", "\"k0\":2"]
        let (value, duplicates) = try JSONParser.parse(
            Array("{\(members.joined(separator: ","))}".utf8))
        #expect(duplicates == ["k4999", "k0"])
        #expect((value["k0"], value["k4999"]) == (2, 1))
    }

    @Test func `Order is kept but does not make objects differ`() throws {
        let first = try JSON(parsing: #"{"b":1,"a":2}"#)
        let second = try JSON(parsing: #"{"a":2,"b":1}"#)
        #expect(first.object?.names == ["b", "a"])
        #expect(first == second)
        #expect(first.hashValue == second.hashValue)
    }

    @Test(arguments: [true, false])
    func `A choice between nil and a value removes the member or sets it, never to null`(
        isGone: Bool
    ) {
        var value: JSON = ["a": 1, "b": 2]
        let new: JSON = 3
        value["a"] = isGone ? nil : new
        #expect(value == (isGone ? ["b": 2] : ["a": 3, "b": 2]))
        value["b"] = .null
        #expect(value["b"]?.isNull == true)
    }

    @Test func `Numbers stay as written`() throws {
        let value = try JSON(parsing: "[1.50,9007199254740993,1e400]")
        #expect(value.text == "[1.50,9007199254740993,1e400]")
        #expect(value[1]?.int == 9_007_199_254_740_993)
        #expect(value[2]?.int == nil)
    }
}

@Suite struct JSONFuzz {
    @Test("Any tree that is written is read back the same", arguments: 0..<200)
    func writtenThenRead(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let value = tree(&dice, depth: 5)
        #expect(try JSON(parsing: value.bytes) == value, "seed \(seed)")
        #expect(try JSON(parsing: value.prettyText) == value, "seed \(seed)")
    }

    @Test("Damaged text is read or refused, and what is read can be written", arguments: 0..<200)
    func damaged(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        for _ in 0..<20 {
            var bytes = tree(&dice, depth: 4).bytes
            for _ in 0...Int.random(in: 0..<4, using: &dice) where !bytes.isEmpty {
                let at = bytes.indices.randomElement(using: &dice)!
                switch Int.random(in: 0..<3, using: &dice) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &dice)
                case 1: bytes.remove(at: at)
                default:
                    bytes.insert(
                        UInt8(
                            ascii: "{[,:\"\\e-".randomElement(using: &dice)!.unicodeScalars.first!),
                        at: at)
                }
            }
            guard let value = try? JSON(parsing: bytes) else { continue }
            #expect(try JSON(parsing: value.bytes) == value, "seed \(seed)")
        }
    }

    private func tree(_ dice: inout Dice, depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth == 0 ? 4 : 6), using: &dice) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &dice))
        case 2: return JSON(Int.random(in: -1_000_000...1_000_000, using: &dice))
        case 3: return .string(text(&dice))
        case 4:
            return .array(
                (0..<Int.random(in: 0..<5, using: &dice)).map { _ in tree(&dice, depth: depth - 1) }
            )
        default:
            var value: JSON = [:]
            for _ in 0..<Int.random(in: 0..<5, using: &dice) {
                value[text(&dice)] = tree(&dice, depth: depth - 1)
            }
            return value
        }
    }

    private func text(_ dice: inout Dice) -> String {
        let letters = Array("ab\"\\/\n\r\t\u{0}\u{1f}\u{7f}äß€𝄞{}[],: ")
        return String(
            (0..<Int.random(in: 0..<8, using: &dice)).map { _ in
                letters.randomElement(using: &dice)!
            })
    }
}
