import JSON
import Testing

@testable import Kinds

@Suite struct Selectors {
    @Test(
        "A label query matches as Kubernetes' does",
        arguments: [
            ("", "{}", true), ("a=b", #"{"a":"b"}"#, true), ("a==b", #"{"a":"b"}"#, true),
            ("a=b", #"{"a":"c"}"#, false),
            ("a=b", "{}", false), ("a!=b", "{}", true), ("a!=b", #"{"a":"b"}"#, false),
            ("a", #"{"a":""}"#, true), ("a", "{}", false),
            ("!a", "{}", true), ("!a", #"{"a":"x"}"#, false), ("a in (b,c)", #"{"a":"c"}"#, true),
            ("a in (b,c)", #"{"a":"d"}"#, false),
            ("a notin (b,c)", #"{"a":"d"}"#, true), ("a notin (b,c)", "{}", true),
            ("a notin (b)", #"{"a":"b"}"#, false),
            ("a=b,c!=d,e in (x, y),!f", #"{"a":"b","e":"y"}"#, true),
            ("a=b,c!=d,e in (x,y),!f", #"{"a":"b","e":"y","f":""}"#, false),
            ("a=", #"{"a":""}"#, true), ("n>3", #"{"n":"4"}"#, true), ("n<3", #"{"n":"4"}"#, false),
            ("n>3", #"{"n":"x"}"#, false),
            ("example.com/app = web", #"{"example.com/app":"web"}"#, true),
        ])
    func labels(query: String, labels: String, matches: Bool) throws {
        let object: JSON = ["metadata": ["labels": tree(labels)]]
        let selector = try LabelQuery(query)
        #expect(selector.matches(object) == matches)
        #expect(try LabelQuery(selector.description) == selector)
    }

    @Test(
        "A broken label query is refused",
        arguments: [
            "a b", "=a", "a in b", "a in (b", "a in (b c)", "a,", ",a", "a!", "(a)", "a in", "n>x",
            "a=b c", "a=b=c", "a b=c", "_x=1", "a=-",
        ])
    func brokenLabels(query: String) {
        #expect(refusal { _ = try LabelQuery(query) }.hasPrefix("unable to parse requirement: "))
    }

    @Test func `A spec's selector has both forms`() {
        let selector = LabelQuery(
            selector: tree(
                #"""
                {"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"NotIn","values":["x","y"]},
                {"key":"track","operator":"Exists"},{"key":"old","operator":"DoesNotExist"}]}
                """#))
        #expect(selector.description == "app=web,!old,tier notin (x,y),track")
        #expect(selector.matches(labels: ["app": "web", "track": ""]))
        #expect(!selector.matches(labels: ["app": "web", "track": "", "tier": "x"]))
        #expect(!selector.matches(labels: ["app": "web"]))
    }

    @Test(
        "A field query matches as Kubernetes' does",
        arguments: [
            ("metadata.name=p", true), ("metadata.name=q", false), ("metadata.namespace=ns", true),
            ("status.phase!=Succeeded,status.phase!=Failed", true), ("status.phase==Running", true),
            ("spec.nodeName=", true),
            ("spec.nodeName=n", false), ("spec.nodeName!=n,metadata.name=p", true), ("", true),
            ("spec.hostNetwork=false", true),
        ])
    func fields(query: String, matches: Bool) throws {
        let pod = tree(
            #"{"metadata":{"name":"p","namespace":"ns"},"spec":{},"status":{"phase":"Running"}}"#)
        #expect(try FieldQuery(query, for: kind("v1", "Pod")).matches(pod) == matches)
    }

    @Test func `Events are selected by what they are about`() throws {
        let event = tree(
            #"{"metadata":{"name":"e"},"involvedObject":{"kind":"Node","name":"n1","uid":"u"}}"#)
        let query = try FieldQuery(
            "involvedObject.name=n1,involvedObject.namespace=,involvedObject.kind=Node,involvedObject.uid=u",
            for: kind("v1", "Event"))
        #expect(query.matches(event))
        #expect(query.name == nil)
        #expect(try FieldQuery("metadata.name=web", for: kind("v1", "Pod")).name == "web")
    }

    @Test func `Fields that a kind cannot be selected by are refused`() {
        let pod = kind("v1", "Pod")
        #expect(
            refusal { _ = try FieldQuery("spec.foo=1", for: pod) }
                == "field label not supported: spec.foo")
        #expect(
            refusal { _ = try FieldQuery("nonsense", for: pod) }
                == "invalid selector: 'nonsense'; can't understand 'nonsense'")
    }
}
