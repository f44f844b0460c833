import JSON
import Testing

@testable import Kinds

/// A kind that the kit never heard of, in one value: what the machinery does for any kind it does for this one.
@Suite struct MadeUpKindTests {
    private static let boat = Kind("harbour.example/v1", "Boat", "boats").short("bt").withStatus()
        .described(
            by: FieldTable(
                "example.harbour.v1",
                """
                Boat* | What lies in a dry dock.
                1  metadata  ObjectMeta  | Standard metadata.
                2  spec      BoatSpec    | What is wanted of it.
                3  status    BoatStatus  | What is so.
                BoatSpec | What is wanted of a boat.
                1  masts     int32 1..5                   | How many it has.
                2  crew      [Sailor] merge=name keys=name | Who sails it.
                3  home      string required              | Where it belongs.
                Sailor | One of the crew.
                1  name      string required is=label     | Who.
                2  rank      string in=Captain,Mate       | As what.
                BoatStatus | What is so of a boat.
                1  afloat    bool!                        | Whether it swims.
                """)
        )
        .selectable(by: "spec.home").countingGenerations()
        .filled { $0.editOrMake("spec") { if $0["masts"] == nil { $0["masts"] = 1 } } }
        .checked(
            by: Rules(update: { old, new, errors in
                if old.at("spec", "home") != new.at("spec", "home") { errors.forbidden("spec.home", "boats stay") }
            })
        )
        .printed(by: Printer(.name, Column("Home") { $0.at("spec", "home") ?? "" }, .age))

    private let kinds = KindRegistry([Self.boat, .pod])
    private let context = CreateContext(namespace: "default", uid: "u", suffix: "abcde", now: "2026-11-22T05:00:00Z")

    private func made(_ text: String) throws -> JSON {
        let body = try Self.boat.decode(
            Array(text.utf8), contentType: "application/json", validation: .strict)
        return try Self.boat.prepareForCreate(body.object, context)
    }

    private static let text = """
        {"metadata": {"name": "argo"}, "spec": {"home": "iolcus", "crew": [{"name": "jason", "rank": "Captain"}]}}
        """

    @Test func `it is found by its path and by its name, and no other kind is there`() {
        #expect(kinds.find(group: "harbour.example", version: "v1", plural: "boats")?.kind == "Boat")
        #expect(kinds.find(apiVersion: "harbour.example/v1", kind: "Boat")?.plural == "boats")
        #expect(kinds.find(group: "", version: "v1", plural: "nodes") == nil)
        #expect(KindRegistry.builtIn.find(apiVersion: "harbour.example/v1", kind: "Boat") == nil)
    }

    @Test func `it is decoded, filled and validated by its own table`() throws {
        let boat = try made(Self.text)
        #expect(boat.at("spec", "masts") == 1 && boat.at("metadata", "generation") == 1)
        try Self.boat.validate(boat)
        #expect(throws: StatusError.self) { try made(#"{"spec": {"sails": 3}}"#) }
        for wrong in [
            #"{"metadata": {"name": "a"}, "spec": {"home": "x", "masts": 6}}"#,
            #"{"metadata": {"name": "a"}, "spec": {"masts": 2}}"#,
            #"{"metadata": {"name": "a"}, "spec": {"home": "x", "crew": [{"name": "B"}]}}"#,
            #"{"metadata": {"name": "a"}, "spec": {"home": "x", "crew": [{"name": "b", "rank": "Cook"}]}}"#,
        ] {
            let boat = try made(wrong)
            #expect(throws: StatusError.self, "\(wrong)") { try Self.boat.validate(boat) }
        }
    }

    @Test func `a patch merges its lists by their key, and its own rule refuses a change`() throws {
        let boat = try made(Self.text)
        let patch: JSON = ["spec": ["crew": [["name": "orpheus"], ["name": "jason", "rank": "Mate"]]]]
        let patched = try Self.boat.patch(boat, with: patch, type: .strategicMerge)
        let crew = patched.at("spec", "crew")?.array ?? []
        #expect(Set(crew) == [["name": "jason", "rank": "Mate"], ["name": "orpheus"]])
        let next = try Self.boat.prepareForUpdate(old: boat, new: patched, subresource: nil)
        #expect(next.at("metadata", "generation") == 2)
        try Self.boat.validateUpdate(old: boat, new: next)
        let moved = try Self.boat.patch(boat, with: ["spec": ["home": "colchis"]], type: .merge)
        #expect(throws: StatusError.self) { try Self.boat.validateUpdate(old: boat, new: moved) }
    }

    @Test func `it is selected and printed`() throws {
        let boat = try made(Self.text)
        #expect(try FieldQuery("spec.home=iolcus", for: Self.boat).matches(boat))
        #expect(throws: StatusError.self) { try FieldQuery("spec.masts=1", for: Self.boat) }
        let table = Self.boat.table([boat], now: 1_795_323_660)
        #expect(table["rows"]?[0]?["cells"] == ["argo", "iolcus", "60s"])
    }

    @Test func `discovery and OpenAPI tell of it, with its own schemas and those that it uses`() throws {
        let resources = Discovery(kinds).resources(group: "harbour.example", version: "v1")
        #expect(resources?["resources"]?.array?.compactMap { $0["name"]?.string } == ["boats", "boats/status"])
        let openAPI = OpenAPI(kinds)
        #expect(openAPI.index.at("paths", "apis/harbour.example/v1") != nil)
        let document = try #require(openAPI.document(group: "harbour.example", version: "v1"))
        let schemas = try #require(document.at("components", "schemas"))
        #expect(schemas["example.harbour.v1.Sailor"] != nil)
        #expect(schemas["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"] != nil)
        #expect(openAPI.version2 != OpenAPI(.builtIn).version2)
    }
}
