import JSON
import Objects
import Testing

@testable import Kinds

@Suite struct Decoding {
    let deployment = kind("apps/v1", "Deployment")
    let pod = kind("v1", "Pod")

    func decoded(_ kind: Kind, _ text: String, _ validation: FieldValidation = .strict) throws
        -> Decoded
    {
        try kind.decode(Array(text.utf8), contentType: "application/json", validation: validation)
    }

    @Test func `Strict refuses unknown and duplicate fields by their paths`() {
        let text = refusal {
            _ = try decoded(
                deployment,
                #"{"spec":{"foo":1,"replicas":1,"replicas":2,"template":{"spec":{"containers":[{"nam":"x"}]}}}}"#
            )
        }
        #expect(
            text
                == #"Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: "#
                + #"unknown field "spec.foo", unknown field "spec.template.spec.containers[0].nam", "#
                + #"duplicate field "spec.replicas""#)
    }

    @Test func `Strict refuses what kubectl's capture had refused`() {
        let configMap = kind("v1", "ConfigMap")
        let text = refusal { _ = try decoded(configMap, #"{"dataa":{"a":"1"}}"#) }
        #expect(
            text
                == #"ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: "#
                + #"unknown field "dataa""#)
    }

    @Test func `Warn drops unknown fields and says so, Ignore drops them`() throws {
        let text = #"{"metadata":{"name":"a"},"spec":{"foo":1,"replicas":3}}"#
        let warned = try decoded(deployment, text, .warn)
        #expect(warned.warnings == [#"unknown field \"spec.foo\""#])
        #expect(warned.object["spec"] == ["replicas": 3, "template": [:]])
        let ignored = try decoded(deployment, text, .ignore)
        #expect(ignored.warnings.isEmpty)
        #expect(ignored.object["spec"] == ["replicas": 3, "template": [:]])
    }

    @Test(
        "A value of another type is refused in Go's words",
        arguments: [
            (
                #"{"spec":{"replicas":"three"}}"#,
                "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"
            ),
            (
                #"{"spec":{"replicas":1.5}}"#,
                "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32"
            ),
            (
                #"{"spec":{"paused":"yes"}}"#,
                "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool"
            ),
            (
                #"{"metadata":{"labels":{"a":1}}}"#,
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels.a of type string"
            ),
            (
                #"{"spec":{"template":{"spec":{"containers":{}}}}}"#,
                "json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type "
                    + "[]v1.Container"
            ),
            (
                #"{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"lots"}}}]}}}}"#,
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            ),
        ])
    func wrongType(body: String, message: String) {
        let text = refusal { _ = try decoded(deployment, body) }
        #expect(
            text == #"Deployment in version "v1" cannot be handled as a Deployment: "# + message)
    }

    @Test func `Another kind or version in the body is refused`() {
        #expect(
            refusal { _ = try decoded(pod, #"{"apiVersion":"apps/v1","kind":"Pod"}"#) }
                == "the API version in the data (apps/v1) does not match the expected API version (v1)"
        )
        #expect(
            refusal { _ = try decoded(pod, #"{"apiVersion":"v1","kind":"ConfigMap"}"#) }
                == #"ConfigMap in version "v1" cannot be handled as a Pod"#)
        #expect(refusal { _ = try decoded(pod, "{oops") }.contains("line 1, column 2"))
        #expect(refusal { _ = try decoded(pod, "[]") }.contains("cannot unmarshal array"))
    }

    @Test func `Nulls and zeros that say nothing are dropped, pointers' zeros are kept`() throws {
        let body = try decoded(
            pod,
            #"""
            {"metadata":{"name":"a","creationTimestamp":null,"labels":{}},"spec":{"hostNetwork":false,
            "automountServiceAccountToken":false,"terminationGracePeriodSeconds":0,"nodeName":"",
            "containers":[{"name":"c","args":[],"env":[{"name":"E","value":""}],"resources":{}}],
            "volumes":[{"name":"v","emptyDir":{}}]}}
            """#)
        #expect(
            body.object
                == tree(
                    #"""
                    {"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{"automountServiceAccountToken":
                    false,"terminationGracePeriodSeconds":0,"containers":[{"name":"c","env":[{"name":"E"}],
                    "resources":{}}],"volumes":[{"name":"v","emptyDir":{}}]}}
                    """#))
    }

    @Test(
        "Quantities take their one written form",
        arguments: [
            ("0.5", "500m"), ("1000m", "1"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"),
            ("512Mi", "512Mi"), ("1", "1"),
            ("1000", "1k"), ("0", "0"), ("0.0", "0"), ("1e3", "1e3"), ("12e2", "1200"),
            ("100M", "100M"), ("-1", "-1"),
            ("1Ki", "1Ki"), ("0.5Ki", "512"), ("1n", "1n"), ("0.1n", "1n"), ("1.25", "1250m"),
            ("128974848", "128974848"),
            ("+2", "2"), ("250m", "250m"), ("10000Ki", "10000Ki"),
        ])
    func quantity(written: String, canonical: String) {
        #expect(Quantity(written)?.description == canonical)
    }

    @Test(
        "What is no quantity is refused",
        arguments: ["", "x", "1x", ".", "1.2.3", "Mi", "--1", "1 Gi", "1e", "1mi"])
    func noQuantity(text: String) {
        #expect(Quantity(text) == nil)
    }

    @Test func `A quantity may be a number in JSON`() throws {
        let body = try decoded(
            pod, #"{"spec":{"containers":[{"resources":{"requests":{"cpu":2,"memory":1.5e6}}}]}}"#)
        let requests = body.object.at("spec", "containers")?[0]?.at("resources", "requests")
        #expect(requests == ["cpu": "2", "memory": "1500e3"])
    }

    @Test func `Times are put into UTC seconds, micro times into six digits`() throws {
        let lease = kind("coordination.k8s.io/v1", "Lease")
        let body = try decoded(
            lease,
            #"{"metadata":{"creationTimestamp":"2026-11-22T06:00:00.5+01:00"},"spec":{"renewTime":"2026-11-22T05:00:00Z"}}"#
        )
        #expect(body.object.at("metadata", "creationTimestamp") == "2026-11-22T05:00:00Z")
        #expect(body.object.at("spec", "renewTime") == "2026-11-22T05:00:00.000000Z")
    }
}
