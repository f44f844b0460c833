import JSON
import Testing

@testable import Kinds

/// Bodies that kubectl 1.32 sent, in base64.
@Suite struct ProtobufBodies {
    func decoded(_ kind: Kind, _ base64: String) throws -> JSON {
        try kind.decode(
            #require(Base64.decode(base64)), contentType: "application/vnd.kubernetes.protobuf",
            validation: .strict
        ).object
    }

    @Test func `kubectl create deployment web --image=nginx:1.27 --replicas=3 --port=80`() throws {
        let object = try decoded(
            kind("apps/v1", "Deployment"),
            "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50Er0BCh8KA3dlYhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEosBCAMSDAoKCgNhcHASA3d"
                + "lYhpxChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViElESMwoFbmdpbngSCm5naW54OjEuMjcqADIKCgAQABhQIgAqAEIAagByAIAB"
                + "AIgBAJABAKIBABoAMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAiAgoAKAA4ABoMCAAQABgAIAAoADgAGgAiAA=="
        )
        #expect(
            object
                == tree(
                    #"""
                    {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"app":"web"}},
                    "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":
                    {"app":"web"}},"spec":{"containers":[{"name":"nginx","image":"nginx:1.27","ports":
                    [{"containerPort":80}]}]}}}}
                    """#))
    }

    @Test func `kubectl create service clusterip s1 --tcp=80:8080`() throws {
        let object = try decoded(
            kind("v1", "Service"),
            "azhzAAoNCgJ2MRIHU2VydmljZRJmCh0KAnMxEgAaACIAKgAyADgAQgBaCQoDYXBwEgJzMRJBChsKBzgwLTgwODASA1RDUBhQIgcIABCQPxo"
                + "AKAASCQoDYXBwEgJzMRoAIglDbHVzdGVySVA6AEIAUgBaAGAAaAAaAgoAGgAiAA==")
        #expect(
            object["spec"]
                == tree(
                    #"""
                    {"type":"ClusterIP","selector":{"app":"s1"},
                    "ports":[{"name":"80-8080","protocol":"TCP","port":80,"targetPort":8080}]}
                    """#))
    }

    @Test func `kubectl create cronjob and job`() throws {
        let cronJob = try decoded(
            kind("batch/v1", "CronJob"),
            "azhzAAoTCghiYXRjaC92MRIHQ3JvbkpvYhKeAQoSCgJjahIAGgAiACoAMgA4AEIAEoUBCgsqLzUgKiAqICogKhoAKnQKEgoCY2oSABoAIgA"
                + "qADIAOABCABJeMlwKEAoAEgAaACIAKgAyADgAQgASSBIhCgJjahIHYnVzeWJveCoAQgBqAHIAgAEAiAEAkAEAogEAGglPbkZhaWx1cmUy"
                + "AEIASgBSAFgAYABoAIIBAIoBAJoBAMIBABoAGgAiAA==")
        #expect(cronJob.at("spec", "schedule") == "*/5 * * * *")
        let pod = cronJob.at("spec", "jobTemplate", "spec", "template", "spec")
        #expect(
            pod
                == tree(
                    #"{"containers":[{"name":"cj","image":"busybox"}],"restartPolicy":"OnFailure"}"#
                ))
        let job = try decoded(
            kind("batch/v1", "Job"),
            "azhzAAoPCghiYXRjaC92MRIDSm9iEoQBChIKAmoxEgAaACIAKgAyADgAQgASZDJiChAKABIAGgAiACoAMgA4AEIAEk4SKwoCajESB2J1c3l"
                + "ib3gaBGVjaG8aAmhpKgBCAGoAcgCAAQCIAQCQAQCiAQAaBU5ldmVyMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAaCCAAKAAwADoAGgAi"
                + "AA==")
        #expect(
            job.at("spec", "template", "spec", "containers")?[0]
                == ["name": "j1", "image": "busybox", "command": ["echo", "hi"]])
    }

    @Test(
        "kubectl create …",
        arguments: [
            (
                "v1", "Namespace",
                "azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhsKEwoDbnMxEgAaACIAKgAyADgAQgASABoCCgAaACIA",
                #"{"metadata":{"name":"ns1"}}"#
            ),
            (
                "v1", "ConfigMap",
                "azhzAAoPCgJ2MRIJQ29uZmlnTWFwEh0KEwoDY20zEgAaACIAKgAyADgAQgASBgoBeBIBeRoAIgA=",
                #"{"metadata":{"name":"cm3"},"data":{"x":"y"}}"#
            ),
            (
                "v1", "Secret",
                "azhzAAoMCgJ2MRIGU2VjcmV0Eh4KEgoCczMSABoAIgAqADIAOABCABIGCgF4EgF5GgAaACIA",
                #"{"metadata":{"name":"s3"},"data":{"x":"eQ=="}}"#
            ),
            (
                "v1", "ServiceAccount",
                "azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSFQoTCgNzYTMSABoAIgAqADIAOABCABoAIgA=",
                #"{"metadata":{"name":"sa3"}}"#
            ),
            (
                "rbac.authorization.k8s.io/v1", "Role",
                "azhzAAokChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgRSb2xlEiMKEgoCcm8SABoAIgAqADIAOABCABINCgNnZXQSABoEcG9kcxoAIgA=",
                #"{"metadata":{"name":"ro"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}"#
            ),
            (
                "authentication.k8s.io/v1", "TokenRequest",
                "azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBIdChAKABIAGgAiACoAMgA4AEIAEgMgkBwaBAoAEgAaACIA",
                #"{"spec":{"expirationSeconds":3600},"status":{"token":""}}"#
            ),
            (
                "authorization.k8s.io/v1", "SelfSubjectAccessReview",
                "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSPwoQCgASABoAIgAqADIAOABCABIhCh8KB"
                    + "2RlZmF1bHQSBmNyZWF0ZRoAIgAqBHBvZHMyADoAGggIABIAGgAgABoAIgA=",
                #"{"spec":{"resourceAttributes":{"namespace":"default","verb":"create","resource":"pods"}},"status":{"allowed":false}}"#
            ),
            (
                "authorization.k8s.io/v1", "SelfSubjectRulesReview",
                "azhzAAoxChdhdXRob3JpemF0aW9uLms4cy5pby92MRIWU2VsZlN1YmplY3RSdWxlc1JldmlldxIjChAKABIAGgAiACoAMgA4AEIAEgkKB2Rl"
                    + "ZmF1bHQaBBgAIgAaACIA",
                #"{"spec":{"namespace":"default"},"status":{"incomplete":false}}"#
            ),
            (
                "authentication.k8s.io/v1", "SelfSubjectReview",
                "azhzAAotChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESEVNlbGZTdWJqZWN0UmV2aWV3EhoKEAoAEgAaACIAKgAyADgAQgASBgoECgASABoA"
                    + "IgA=",
                #"{}"#
            ),
            (
                "rbac.authorization.k8s.io/v1", "ClusterRoleBinding",
                "azhzAAoyChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEhJDbHVzdGVyUm9sZUJpbmRpbmcSbQoRCgFiEgAaACIAKgAyADgAQgASJwo"
                    + "EVXNlchIZcmJhYy5hdXRob3JpemF0aW9uLms4cy5pbxoCbWUiABovChlyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvEgtDbHVzdGVyUm9s"
                    + "ZRoFYWRtaW4aACIA",
                #"{"metadata":{"name":"b"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"me"}],"#
                    + #""roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"admin"}}"#
            ),
        ])
    func small(apiVersion: String, name: String, base64: String, expected: String) throws {
        var wanted = tree(expected)
        wanted["apiVersion"] = .string(apiVersion)
        wanted["kind"] = .string(name)
        #expect(try decoded(kind(apiVersion, name), base64) == wanted)
    }

    @Test("A body cut short anywhere is refused or read, never a crash", arguments: 0..<150)
    func cutShort(length: Int) throws {
        let body = try #require(
            Base64.decode(
                "azhzAAoNCgJ2MRIHU2VydmljZRJmCh0KAnMxEgAaACIAKgAyADgAQgBaCQoDYXBwEgJzMRJBChsKBzgwLTgwODASA1RDUBhQIgcIABCQPxo"
                    + "AKAASCQoDYXBwEgJzMRoAIglDbHVzdGVySVA6AEIAUgBaAGAAaAAaAgoAGgAiAA=="))
        let cut = Array(body.prefix(length))
        let text = refusal {
            _ = try kind("v1", "Service").decode(
                cut, contentType: "application/vnd.kubernetes.protobuf", validation: .strict)
        }
        if length < 4 { #expect(text.contains("does not begin with")) }
        if length > 19, length < 123 {
            #expect(text.contains("ends in the middle"), "\(length): \(text)")
        }
    }

    @Test func `Unknown field numbers are newer fields and are dropped`() throws {
        // k8s\0, Unknown{raw=2: {metadata=1: {name=1: "a"}, 99: "x"}}
        let body: [UInt8] = [
            0x6B, 0x38, 0x73, 0, 0x12, 9, 0x0A, 3, 0x0A, 1, 0x61, 0x9A, 0x06, 1, 0x78,
        ]
        let decoded = try kind("v1", "ConfigMap").decode(
            body, contentType: "application/vnd.kubernetes.protobuf", validation: .strict)
        #expect(
            decoded.object == ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"]])
    }

    @Test func `Other content types are refused with 415`() {
        do {
            _ = try kind("v1", "Pod").decode(
                [], contentType: "text/html; charset=utf-8", validation: .strict)
            Issue.record("accepted")
        } catch {
            #expect(error.code == 415)
        }
    }
}
