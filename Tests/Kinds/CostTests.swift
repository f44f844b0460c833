import JSON
import Testing

@testable import Kinds

/// Bodies of about a million bytes of every shape that a user can send. What grew with the square of their size
/// took minutes; the limit is for a machine that is busy with other things.
@Suite(.timeLimit(.minutes(2))) struct Cost {
    private let maps = kind("v1", "ConfigMap")
    private let pods = kind("v1", "Pod")

    private func object(_ count: Int, _ value: (Int) -> JSON) -> JSON {
        .object(JSONObject(unique: (0..<count).map { ("key-\($0)", value($0)) }))
    }

    private func list(_ count: Int, _ value: (Int) -> JSON) -> JSON {
        .array((0..<count).map(value))
    }

    @Test func `A patch sets, changes and removes sixty thousand keys`() throws {
        let data = object(60_000) { JSON("\($0)") }
        var map = try maps.created(#"{"metadata":{"name":"c"}}"#)
        map = try maps.patch(map, with: ["data": data], type: .merge)
        #expect(map["data"] == data)
        map = try maps.patch(
            map, with: ["data": object(60_000) { _ in "x" }], type: .strategicMerge)
        #expect(map.at("data", "key-59999") == "x")
        map = try maps.patch(map, with: ["data": object(60_000) { _ in .null }], type: .merge)
        #expect(map["data"] == [:])
    }

    @Test func `An object of a hundred thousand members is read, compared and written`() throws {
        let text = object(100_000) { JSON($0) }.text
        let (value, duplicates) = try JSONParser.parse(Array(text.utf8))
        #expect(duplicates.isEmpty && value.text == text)
        let backwards = JSON.object(JSONObject(unique: value.object!.members.reversed()))
        #expect(value == backwards && value.hashValue == backwards.hashValue)
        let twice =
            "{" + (0..<100_000).map { "\"key-\($0 % 50_000)\":\($0)" }.joined(separator: ",") + "}"
        let parsed = try JSONParser.parse(Array(twice.utf8))
        #expect(parsed.value["key-0"] == 50_000 && parsed.duplicates.count == 100)
    }

    @Test func `Every shape is created or refused`() throws {
        let env = list(20_000) { ["name": .string("E\($0)"), "value": "v"] }
        let pod: JSON = [
            "metadata": ["name": "p", "annotations": object(9_000) { _ in "v" }],
            "spec": ["containers": [["name": "c", "image": "i", "env": env]]],
        ]
        let created = try pods.created(pod.text)
        #expect(created.at("metadata", "annotations")?.object?.count == 9_000)
        let service: JSON = [
            "metadata": ["name": "s"],
            "spec": [
                "type": "NodePort",
                "ports": list(20_000) {
                    ["name": .string("p\($0)"), "port": JSON($0 % 65_535 + 1)]
                },
            ],
        ]
        let old = try kind("v1", "Service").created(service.text)
        _ = try kind("v1", "Service").prepareForUpdate(old: old, new: old, subresource: nil)
        for wrong: JSON in [
            ["labels": object(60_000) { _ in "é" }], ["finalizers": list(60_000) { _ in "é/é/é" }],
            ["annotations": ["a": .string(String(repeating: "x", count: 1 << 20))]],
        ] {
            var body = wrong
            body["name"] = "p"
            let text = refusal {
                _ = try maps.created(JSON(dictionaryLiteral: ("metadata", body)).text)
            }
            #expect((20..<60_000).contains(text.utf8.count))
        }
        let unknown = list(100_000) { ["name": .string("n\($0)"), "bogus": 1] }
        let strange: JSON = ["spec": ["containers": unknown]]
        #expect(
            refusal { _ = try pods.created(strange.text) }.contains("spec.containers[99].bogus"))
    }

    @Test func `Lists are merged by key, as sets and in an order`() throws {
        let containers = list(12_000) { ["name": .string("c\($0)"), "image": "i"] }
        let names = list(12_000) { ["name": .string("c\(11_999 - $0)")] }
        let old: JSON = ["spec": ["containers": containers], "metadata": ["finalizers": []]]
        let patch: JSON = [
            "spec": ["containers": containers, "$setElementOrder/containers": names],
            "metadata": [
                "finalizers": list(40_000) { .string("f/\($0)") },
                "$deleteFromPrimitiveList/finalizers": list(40_000) { .string("f/\($0 * 2)") },
            ],
        ]
        let new = try pods.patch(old, with: patch, type: .strategicMerge)
        #expect(new["spec"]?.list("containers").first?["name"] == "c11999")
        #expect(new["metadata"]?.list("finalizers").count == 20_000)
        let gone = list(12_000) { ["name": .string("c\($0)"), "$patch": "delete"] }
        let none = try pods.patch(old, with: ["spec": ["containers": gone]], type: .strategicMerge)
        #expect(none["spec"]?.list("containers").isEmpty == true)
    }

    @Test func `Ten thousand operations of a JSON patch`() throws {
        let document: JSON = [
            "a": object(10_000) { JSON($0) }, "l": list(10_000) { ["n": JSON($0)] },
        ]
        let removals = list(5_000) { ["op": "remove", "path": .string("/a/key-\($0)")] }
        let changes = list(5_000) { ["op": "replace", "path": .string("/l/\($0)/n"), "value": -1] }
        let all = JSON.array(removals.array! + changes.array!)
        let result = try JSONPatch.apply(all, to: document)
        #expect(result["a"]?.object?.count == 5_000 && result["l"]?[4_999] == ["n": -1])
        #expect(throws: JSONPatch.Failure.self) {
            try JSONPatch.apply(.array(all.array! + [removals[0]!]), to: document)
        }
    }

    @Test func `A patch that doubles its document again and again is stopped`() {
        let doubling = list(60) { ["op": "copy", "from": "/a", "path": .string("/a/b\($0)")] }
        #expect(throws: JSONPatch.Failure.self) {
            try JSONPatch.apply(doubling, to: ["a": ["text": "0123456789"]])
        }
        let deepening = list(200) { number in
            let path = String(repeating: "/a", count: number + 1)
            return ["op": "add", "path": .string(path), "value": [:]]
        }
        #expect(throws: JSONPatch.Failure.self) { try JSONPatch.apply(deepening, to: [:]) }
        let limit = refusal {
            _ = try maps.patch(["a": ["text": "x"]], with: doubling, type: .json)
        }
        #expect(limit.contains("the copies of a JSON patch are more than"))
    }

    @Test func `A selector of many values looks once at each object`() throws {
        let query = LabelQuery(selector: [
            "matchExpressions": [
                ["key": "a", "operator": "In", "values": list(50_000) { .string("v\($0)") }]
            ]
        ])
        for number in 0..<2_000 {
            #expect(query.matches(labels: ["a": .string("v\(number)")]))
        }
        #expect(
            !LabelQuery(selector: [
                "matchExpressions": [["key": "a", "operator": "Like", "values": ["b"]]]
            ]).matches(labels: ["a": "b"]))
    }
}
