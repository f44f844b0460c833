import JSON
import Testing

@testable import Kinds

@Suite struct Validation {
    let deployment = kind("apps/v1", "Deployment")

    /// The web Deployment with one text replaced.
    func changed(_ old: String, _ new: String) -> String {
        let text = webDeployment.split(separator: "\n").joined()
        precondition(text.contains(old), "\(old) is not in the deployment")
        let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        return parts.joined(separator: new)
    }

    @Test func `A selector that misses its template is refused in Kubernetes' words`() {
        let text = refusal {
            _ = try deployment.created(
                changed(
                    #""metadata":{"labels":{"app":"web"}}"#,
                    #""metadata":{"labels":{"app":"web2"}}"#))
        }
        #expect(
            text
                == #"Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web2"}: "#
                + "`selector` does not match template `labels`")
    }

    @Test func `The Status has a cause a field`() throws {
        do {
            _ = try deployment.created(#"{"metadata":{"name":"Web_1"},"spec":{"template":{}}}"#)
            Issue.record("accepted")
        } catch let error as StatusError {
            #expect((error.code, error.reason) == (422, "Invalid"))
            let details = try #require(error.details)
            #expect(
                (details["name"], details["group"], details["kind"]) == (
                    "Web_1", "apps", "Deployment"
                ))
            let fields = details.list("causes").map { "\($0.text("field")) \($0.text("reason"))" }
            #expect(
                fields == [
                    "metadata.name FieldValueInvalid", "spec.selector FieldValueRequired",
                    "spec.template.metadata.labels FieldValueInvalid",
                    "spec.template.spec.containers FieldValueRequired",
                ])
            #expect(error.status["kind"] == "Status")
            #expect(error.status["code"] == 422)
            #expect(
                error.message.hasPrefix(
                    #"Deployment.apps "Web_1" is invalid: [metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must"#
                ))
        }
    }

    @Test(
        "Each wrong field has its own message",
        arguments: [
            (
                #""image":"drydock/web:v1""#, #""image":"""#,
                "spec.template.spec.containers[0].image: Required value"
            ),
            (
                #""name":"web","image""#, #""name":"Web","image""#,
                "spec.template.spec.containers[0].name: Invalid value: \"Web\": a lowercase RFC 1123 label must"
            ),
            (
                #""containerPort":8080"#, #""containerPort":80800"#,
                "spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 80800: must be between 1 and 65535, inclusive"
            ),
            (
                #""httpGet":{"port":8080}"#, #""periodSeconds":5"#,
                "spec.template.spec.containers[0].readinessProbe: Required value: must specify a handler type"
            ),
            (
                #""spec":{"containers""#, #""spec":{"restartPolicy":"Never","containers""#,
                #"spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always""#
            ),
            (
                #""spec":{"selector""#, #""spec":{"replicas":-1,"selector""#,
                "spec.replicas: Invalid value: -1: must be greater than or equal to 0"
            ),
            (
                #""spec":{"selector""#,
                #""spec":{"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":"0%"}},"selector""#,
                "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0"
            ),
            (
                #""spec":{"selector""#,
                #""spec":{"strategy":{"type":"Recreate","rollingUpdate":{}},"selector""#,
                "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"
            ),
            (
                #""image":"drydock/web:v1""#,
                #""image":"i:1","volumeMounts":[{"name":"data","mountPath":"/data"}]"#,
                #"spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data""#
            ),
            (
                #""image":"drydock/web:v1""#,
                #""image":"i:1","resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2"}}"#,
                #"spec.template.spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1"#
            ),
            (
                #""metadata":{"name":"web"}"#, #""metadata":{"name":"web","labels":{"a b":"c"}}"#,
                #"metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters"#
            ),
        ])
    func wrongField(old: String, new: String, message: String) {
        let text = refusal { _ = try deployment.created(changed(old, new)) }
        #expect(text.contains(message), "\(text)")
    }

    @Test func `A Deployment's selector cannot change`() throws {
        let old = try deployment.created(webDeployment)
        var new = old
        new.edit("spec") { spec in
            spec["selector"] = ["matchLabels": ["app": "web", "tier": "x"]]
        }
        #expect(
            refusal { try deployment.validateUpdate(old: old, new: new) }.contains(
                #"spec.selector: Invalid value: {"matchLabels":{"app":"web","tier":"x"}}: field is immutable"#
            ))
    }

    @Test func `A pod may change its image and no more`() throws {
        let pod = kind("v1", "Pod")
        let old = try pod.created(
            #"{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"a:1"}]}}"#)
        var new = old
        new.edit("spec") { $0.editEach("containers") { $0["image"] = "a:2" } }
        try pod.validateUpdate(old: old, new: new)
        new.edit("spec") { $0["hostNetwork"] = true }
        #expect(
            refusal { try pod.validateUpdate(old: old, new: new) }.contains(
                "spec: Forbidden: pod updates may not change fields other than"))
    }

    @Test(
        "Names of each kind follow their rule",
        arguments: [
            ("v1", "Service", "1web", false), ("v1", "Service", "web", true),
            ("v1", "Service", "we.b", false),
            ("v1", "ConfigMap", "a.b-c", true), ("v1", "ConfigMap", "-a", false),
            ("v1", "Namespace", "a.b", false),
            ("rbac.authorization.k8s.io/v1", "Role", "system:node", true),
            ("rbac.authorization.k8s.io/v1", "Role", "a/b", false),
        ])
    func names(apiVersion: String, name: String, object: String, isLegal: Bool) {
        let kind = kind(apiVersion, name)
        let body: JSON = [
            "metadata": ["name": .string(object), "namespace": "default"],
            "spec": [
                "type": "ClusterIP", "ports": [["port": 80, "protocol": "TCP", "targetPort": 80]],
            ],
        ]
        #expect(refusal { try kind.validate(body) }.isEmpty == isLegal)
    }

    @Test func `Service ports need names when there are several, and differ`() {
        let text = refusal {
            _ = try kind("v1", "Service").created(
                #"{"metadata":{"name":"s"},"spec":{"ports":[{"port":80},{"port":80}]}}"#)
        }
        #expect(text.contains("spec.ports[0].name: Required value"))
        #expect(text.contains(#"spec.ports[1]: Duplicate value: {"port":80,"protocol":"TCP"}"#))
    }

    @Test func `An autoscaler's bounds must fit`() {
        let text = refusal {
            _ = try kind("autoscaling/v2", "HorizontalPodAutoscaler").created(
                #"{"metadata":{"name":"h"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"minReplicas":5,"maxReplicas":2}}"#
            )
        }
        #expect(
            text
                == "HorizontalPodAutoscaler.autoscaling \"h\" is invalid: spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`"
        )
    }

    @Test func `Immutable configuration stays as it is`() throws {
        let configMap = kind("v1", "ConfigMap")
        let old = try configMap.created(
            #"{"metadata":{"name":"c"},"data":{"a":"1"},"immutable":true}"#)
        var new = old
        new["data"] = ["a": "2"]
        #expect(
            refusal { try configMap.validateUpdate(old: old, new: new) }
                == #"ConfigMap "c" is invalid: data: Forbidden: field is immutable when `immutable` is set"#
        )
        #expect(
            refusal { _ = try configMap.created(#"{"metadata":{"name":"c"},"data":{"a/b":"1"}}"#) }
                .contains("a valid config key must"))
    }

    @Test func `Refusals name things as the stock server does`() {
        let deployment = kind("apps/v1", "Deployment")
        #expect(
            StatusError.notFound(deployment, name: "web").message
                == #"deployments.apps "web" not found"#)
        #expect(
            StatusError.alreadyExists(kind("v1", "Pod"), name: "p").message
                == #"pods "p" already exists"#)
        #expect(
            StatusError.notFound(deployment, name: "web").status
                == tree(
                    #"""
                    {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":
                    "deployments.apps \"web\" not found","reason":"NotFound","details":{"name":"web","group":"apps",
                    "kind":"deployments"},"code":404}
                    """#))
    }
}
