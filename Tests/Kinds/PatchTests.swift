import JSON
import Testing

@testable import Kinds

@Suite struct Patches {
    let deployment = kind("apps/v1", "Deployment")
    let pod = kind("v1", "Pod")

    func strategic(_ kind: Kind, _ object: String, _ patch: String) throws -> JSON {
        try kind.patch(tree(object), with: tree(patch), type: .strategicMerge)
    }

    // RFC 7396, appendix A.
    @Test(
        "A merge patch does what RFC 7396 lists",
        arguments: [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
            (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
            (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
            (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
            (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
            (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"),
            (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
            (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
            (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
            (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ])
    func mergePatch(target: String, patch: String, result: String) {
        #expect(MergePatch.apply(tree(patch), to: tree(target)) == tree(result))
    }

    // RFC 6902, appendix A.
    @Test(
        "A JSON patch does what RFC 6902 lists",
        arguments: [
            (
                #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#,
                #"{"baz":"qux","foo":"bar"}"#
            ),
            (
                #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
                #"{"foo":["bar","qux","baz"]}"#
            ),
            (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
            (
                #"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#,
                #"{"foo":["bar","baz"]}"#
            ),
            (
                #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
                #"{"baz":"boo","foo":"bar"}"#
            ),
            (
                #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
                #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
                #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
            ),
            (
                #"{"foo":["all","grass","cows","eat"]}"#,
                #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
                #"{"foo":["all","cows","eat","grass"]}"#
            ),
            (
                #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
                #"{"foo":"bar","child":{"grandchild":{}}}"#
            ),
            (
                #"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#,
                #"{"/":9,"~1":10}"#
            ),
            (
                #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
                #"{"foo":["bar",["abc","def"]]}"#
            ),
            (
                #"{"a":1}"#,
                #"[{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"","value":[]}]"#,
                #"[]"#
            ),
        ])
    func jsonPatch(target: String, patch: String, result: String) throws {
        #expect(try JSONPatch.apply(tree(patch), to: tree(target)) == tree(result))
    }

    @Test(
        "A JSON patch that does not fit is refused",
        arguments: [
            #"[{"op":"test","path":"/baz","value":"bar"}]"#,
            #"[{"op":"add","path":"/x/y","value":1}]"#,
            #"[{"op":"remove","path":"/nope"}]"#, #"[{"op":"replace","path":"/list/7","value":1}]"#,
            #"[{"op":"add","path":"/list/01","value":1}]"#, #"[{"op":"jump","path":"/a"}]"#,
            #"[{"op":"add","path":"a","value":1}]"#,
            #"[{"op":"add","path":"/a"}]"#, #"{"op":"add"}"#,
            #"[{"op":"move","from":"/list","path":"/list/0"}]"#,
        ])
    func jsonPatchRefused(patch: String) {
        #expect(throws: JSONPatch.Failure.self) {
            try JSONPatch.apply(tree(patch), to: tree(#"{"baz":"qux","list":[1]}"#))
        }
    }

    @Test func `Containers are merged by name`() throws {
        let result = try strategic(
            deployment,
            #"{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"x","env":[{"name":"E","value":"1"}]},{"name":"b","image":"y"}]}}}}"#,
            #"{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"z","env":[{"name":"F","value":"2"}]}]}}}}"#
        )
        #expect(
            result
                == tree(
                    #"{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"z","env":[{"name":"F","value":"2"},{"name":"E","value":"1"}]},{"name":"b","image":"y"}]}}}}"#
                ))
    }

    @Test func `kubectl set image sends an order beside the list`() throws {
        let result = try strategic(
            deployment,
            #"{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"x"},{"name":"b","image":"y"}]}}}}"#,
            #"{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"image":"z","name":"a"}]}}}}"#
        )
        #expect(
            result.at("spec", "template", "spec", "containers")
                == tree(#"[{"name":"b","image":"y"},{"name":"a","image":"z"}]"#))
    }

    @Test func `Elements, keys and plain values are deleted by directives`() throws {
        let result = try strategic(
            pod,
            #"{"metadata":{"finalizers":["a","b"],"labels":{"x":"1","y":"2"}},"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
            #"{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"labels":{"x":null}},"spec":{"containers":[{"$patch":"delete","name":"a"}]}}"#
        )
        #expect(
            result
                == tree(
                    #"{"metadata":{"finalizers":["b"],"labels":{"y":"2"}},"spec":{"containers":[{"name":"b"}]}}"#
                ))
    }

    @Test func `Directives replace and delete act on whole objects and lists`() throws {
        #expect(
            try strategic(
                pod, #"{"metadata":{"labels":{"x":"1"}}}"#,
                #"{"metadata":{"labels":{"$patch":"replace","y":"2"}}}"#)
                == tree(#"{"metadata":{"labels":{"y":"2"}}}"#))
        #expect(
            try strategic(
                pod, #"{"spec":{"containers":[{"name":"a"}]}}"#,
                #"{"spec":{"containers":[{"name":"b"},{"$patch":"replace"}]}}"#)
                == tree(#"{"spec":{"containers":[{"name":"b"}]}}"#))
        #expect(
            try strategic(
                pod, #"{"spec":{"affinity":{"nodeAffinity":{}}}}"#,
                #"{"spec":{"affinity":{"$patch":"delete"}}}"#)
                == tree(#"{"spec":{}}"#))
    }

    @Test func `Retained keys drop the other members`() throws {
        let result = try strategic(
            deployment,
            #"{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}"#,
            #"{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}"#)
        #expect(result == tree(#"{"spec":{"strategy":{"type":"Recreate"}}}"#))
    }

    @Test func `Service ports are merged by port, tolerations are replaced`() throws {
        #expect(
            try strategic(
                kind("v1", "Service"),
                #"{"spec":{"ports":[{"port":80,"nodePort":30080},{"port":443}]}}"#,
                #"{"spec":{"ports":[{"port":80,"targetPort":8080}]}}"#)
                == tree(
                    #"{"spec":{"ports":[{"port":80,"nodePort":30080,"targetPort":8080},{"port":443}]}}"#
                ))
        #expect(
            try strategic(
                pod, #"{"spec":{"tolerations":[{"key":"a"}]}}"#,
                #"{"spec":{"tolerations":[{"key":"b"}]}}"#)
                == tree(#"{"spec":{"tolerations":[{"key":"b"}]}}"#))
    }

    @Test func `An element without its merge key and unknown directives are refused`() {
        #expect(
            refusal { _ = try strategic(pod, "{}", #"{"spec":{"containers":[{"image":"x"}]}}"#) }
                == #"map: {"image":"x"} does not contain declared merge key: name"#)
        #expect(
            refusal { _ = try strategic(pod, "{}", #"{"$patch":"jump"}"#) }.contains("$patch: jump")
        )
        #expect(refusal { _ = try strategic(pod, "{}", "[]") }.contains("must be an object"))
    }

    static let unknownFields: [(type: PatchType, patch: String, shown: String)] = [
        (
            .strategicMerge, #"{"spec":{"bogus":{"a":[1,"b"],"b":null}}}"#,
            "map[spec:map[bogus:map[a:[1 b] b:<nil>]]]"
        ),
        (.merge, #"{"spec":{"bogus":1}}"#, #"\"bogus\":1"#),
        (.json, #"[{"op":"add","path":"/spec/bogus","value":1}]"#, #"\"bogus\":1"#),
    ]

    @Test(
        "A patch's unknown field is refused by path, told of, or dropped", arguments: unknownFields)
    func unknownField(type: PatchType, patch: String, shown: String) throws {
        let body = try PatchBody(Array(patch.utf8), type)
        func patched(_ validation: FieldValidation) throws -> Decoded {
            try deployment.patched(tree(webDeployment), with: body, validation: validation)
        }
        let text = refusal { _ = try patched(.strict) }
        #expect(text.hasPrefix(#" "" is invalid: patch: Invalid value: ""#))
        #expect(text.contains(shown))
        #expect(text.hasSuffix(#"": strict decoding error: unknown field "spec.bogus""#))
        #expect(try patched(.warn).warnings == [#"unknown field \"spec.bogus\""#])
        #expect(try patched(.ignore).warnings == [])
        for validation in [FieldValidation.warn, .ignore] {
            let object = try patched(validation).object
            #expect(object.at("spec", "bogus") == nil)
            #expect(object.at("spec", "template") != nil)
        }
    }

    @Test func `A member that a patch says twice is told of`() throws {
        let body = try PatchBody(Array(#"{"spec":{"replicas":2,"replicas":3}}"#.utf8), .merge)
        let patched = try deployment.patched(tree(webDeployment), with: body, validation: .warn)
        #expect(patched.problems == [#"duplicate field "spec.replicas""#])
        #expect(patched.object.at("spec", "replicas") == 3)
        #expect(PatchType("application/merge-patch+json; charset=utf-8") == .merge)
        #expect(PatchType("text/plain") == nil)
    }
}
