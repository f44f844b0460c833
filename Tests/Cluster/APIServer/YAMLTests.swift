import APIServer
import JSON
import Testing

@Suite("YAML", .serialized)
struct YAMLTests {
    private func json(_ text: String) throws -> JSON { try YAMLBody.json(Array(text.utf8)) }

    @Test(
        "Words mean what they mean in YAML 1.1",
        arguments: [
            ("yes", true), ("Off", false), ("~", .null), ("", .null), ("NULL", .null),
            ("0644", 420), ("0x1f", 31), ("0o17", 15), ("-0b11", -3), ("1_000", 1000), ("+7", 7),
            ("08", 8), ("0", 0), ("-1.50", .number("-1.50")), (".5", .number("0.5")), ("1.", 1),
            ("1e3", .number("1e3")), ("9223372036854775808", .number("9223372036854775808")),
            ("1.2.3", "1.2.3"), ("0x", "0x"), ("0x+5", "0x+5"), ("1e", "1e"),
            ("2026-12-01", "2026-12-01"), ("10Mi", "10Mi"), ("'yes'", "yes"), ("!!str 5", "5"),
        ] as [(String, JSON)])
    func words(_ text: String, _ value: JSON) throws {
        try #expect(json("a: \(text)") == ["a": value])
    }

    @Test("Lists, maps, blocks and keys that are no text")
    func shapes() throws {
        let text = """
            # a comment
            list:
            - {b: [1, two]}
            - |
              x: 1
              é
            80: port
            yes: key
            """
        try #expect(
            json(text) == [
                "list": [["b": [1, "two"]], "x: 1\né\n"], "80": "port", "true": "key",
            ])
        try #expect(json("") == .null)
    }

    @Test(
        "What can't be read is said with its line, and an alias grows into nothing",
        arguments: [
            ("a: 1\nb: c: d\n", "line 2: mapping values are not allowed in this context"),
            ("a: 1\na: 2\n", "line 1: key \"a\" already set in map"),
            ("--- 1\n--- 2\n", "line 2: but found another document"),
            ("? [a]\n: 1\n", "line 1: a key must be a word"),
            ("a: !!binary AA==\n", "line 1: tag tag:yaml.org,2002:binary is not known here"),
            ("a: &x [y]\nb: [*x, *x]\n", "here is one of \"x\""),
            (String(repeating: "[", count: 200), "did not find expected"),
            (String(repeating: "- ", count: 200) + "a", "nested deeper than 100 levels"),
            ("a: \u{1}", "control characters are not allowed"),
        ])
    func unreadable(_ text: String, _ why: String) {
        do {
            let value = try YAMLBody.json(Array(text.utf8))
            Issue.record("read as \(value)")
        } catch {
            #expect(error.message.contains(why), "\(error.message)")
        }
    }

    @Test("Objects, options and apply patches may be YAML; other forms are refused by name")
    func requests() async throws {
        try await Rig.with { rig in
            let (maps, yaml) = (OptionsTests.maps, "application/yaml")
            let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata:\n  a: \"1\"\n"
            try #expect(rig.ask("POST", maps, text, type: yaml).code == 201)
            try #expect(
                rig.ask("POST", maps, OptionsTests.map("c"), type: "\(yaml); charset=utf-8").code
                    == 201)
            let changed = text.replacing("\"1\"", with: "\"2\"")
            try #expect(
                rig.ask("PUT", "\(maps)/d", changed, type: yaml).body.at("data", "a") == "2")
            let patch = "\(maps)/d?fieldManager=x"
            let applied = try rig.ask(
                "PATCH", patch, text.replacing("\"1\"", with: "\"3\""),
                type: "application/apply-patch+yaml")
            #expect(applied.body.at("data", "a") == "3")
            let number = try rig.ask(
                "PUT", "\(maps)/d", text.replacing("\"1\"", with: "1"), type: yaml)
            #expect(number.code == 400 && number.message.contains("cannot unmarshal number"))
            let broken = try rig.ask("POST", maps, "a: b: c", type: yaml)
            #expect(broken.code == 400 && broken.message.contains("yaml: line 1: mapping values"))
            try #expect(rig.ask("DELETE", "\(maps)/d", "dryRun: [All]\n", type: yaml).code == 200)
            try #expect(rig.ask("GET", "\(maps)/d").code == 200)
            let other = try rig.ask("POST", maps, text, type: "text/plain")
            #expect(other.code == 415 && other.message.contains("application/yaml"))
        }
    }
}
