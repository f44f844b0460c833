import JSON
import Testing

@testable import Kinds

/// One real manifest a kind, with most of what people write.
private let manifests: [(apiVersion: String, kind: String, text: String)] = [
    (
        "v1", "Pod",
        #"""
        {"metadata":{"name":"p2","labels":{"app":"x"},"annotations":{"example.com/Note":"y"}},"spec":{
        "containers":[{"name":"c","image":"busybox","command":["sleep","1"],
          "env":[{"name":"A","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
            {"name":"B","valueFrom":{"secretKeyRef":{"name":"s","key":"k","optional":true}}},
            {"name":"C","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}}],
          "envFrom":[{"prefix":"P_","configMapRef":{"name":"cm"}}],
          "volumeMounts":[{"name":"v","mountPath":"/data","readOnly":true},{"name":"t","mountPath":"/t"}],
          "securityContext":{"runAsUser":0,"runAsNonRoot":false,"capabilities":{"drop":["ALL"],"add":["NET_BIND_SERVICE"]},
            "seccompProfile":{"type":"RuntimeDefault"},"readOnlyRootFilesystem":true,"allowPrivilegeEscalation":false},
          "lifecycle":{"preStop":{"sleep":{"seconds":2}},"postStart":{"httpGet":{"port":"http"}}},
          "ports":[{"name":"http","containerPort":80,"hostPort":8080}],
          "resources":{"limits":{"cpu":0.5,"memory":"1024Mi","example.com/gpu":"1"},"requests":{"cpu":"100m"}},
          "livenessProbe":{"tcpSocket":{"port":80},"initialDelaySeconds":3},
          "startupProbe":{"grpc":{"port":9},"failureThreshold":30},
          "readinessProbe":{"exec":{"command":["true"]},"successThreshold":2}}],
        "initContainers":[{"name":"i","image":"busybox:1","restartPolicy":"Always"}],
        "volumes":[{"name":"v","configMap":{"name":"cm","items":[{"key":"a","path":"a","mode":256}]}},
          {"name":"t","projected":{"sources":[{"serviceAccountToken":{"path":"token"}},
            {"downwardAPI":{"items":[{"path":"l","fieldRef":{"fieldPath":"metadata.labels"}}]}},
            {"secret":{"name":"s"}}]}},
          {"name":"e","emptyDir":{"medium":"Memory","sizeLimit":"64Mi"}},{"name":"h","hostPath":{"path":"/x","type":"Directory"}},
          {"name":"pvc","persistentVolumeClaim":{"claimName":"c"}},{"name":"csi","csi":{"driver":"d","volumeAttributes":{"a":"b"}}}],
        "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":
            [{"key":"disk","operator":"In","values":["ssd"]}]}]}},
          "podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":
            {"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"a":"b"}}}}]}},
        "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway",
          "labelSelector":{"matchLabels":{"a":"b"}}}],
        "tolerations":[{"key":"k","operator":"Exists","effect":"NoSchedule"}],"nodeSelector":{"disk":"ssd"},
        "dnsPolicy":"None","dnsConfig":{"nameservers":["10.96.0.10"],"options":[{"name":"ndots","value":"2"}]},
        "securityContext":{"fsGroup":1,"sysctls":[{"name":"net.core.somaxconn","value":"9"}]},"hostAliases":
        [{"ip":"1.2.3.4","hostnames":["h"]}],"imagePullSecrets":[{"name":"s"}],"terminationGracePeriodSeconds":0}}
        """#
    ),
    ("apps/v1", "Deployment", webDeployment),
    (
        "apps/v1", "StatefulSet",
        #"""
        {"metadata":{"name":"db"},"spec":{"serviceName":"db","selector":{"matchLabels":{"app":"db"}},"template":{"metadata":
        {"labels":{"app":"db"}},"spec":{"containers":[{"name":"db","image":"db:1"}]}},"volumeClaimTemplates":[{"metadata":
        {"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}}
        """#
    ),
    (
        "apps/v1", "DaemonSet",
        #"""
        {"metadata":{"name":"d"},"spec":{"selector":{"matchExpressions":[{"key":"app","operator":"In","values":["d"]}]},
        "template":{"metadata":{"labels":{"app":"d"}},"spec":{"hostNetwork":true,"containers":[{"name":"d","image":"d:1",
        "ports":[{"containerPort":9100}]}]}}}}
        """#
    ),
    (
        "apps/v1", "ReplicaSet",
        #"""
        {"metadata":{"name":"r"},"spec":{"selector":{"matchLabels":{"app":"r"}},"template":{"metadata":{"labels":{"app":"r"}},
        "spec":{"containers":[{"name":"r","image":"r:1"}]}}}}
        """#
    ),
    (
        "batch/v1", "CronJob",
        #"""
        {"metadata":{"name":"c"},"spec":{"schedule":"*/5 * * * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":
        "OnFailure","containers":[{"name":"c","image":"c:1"}]}}}}}}
        """#
    ),
    (
        "v1", "Service",
        #"""
        {"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","sessionAffinity":"ClientIP","selector":{"app":"s"},"ports":
        [{"name":"http","port":80,"targetPort":"http","nodePort":30080,"appProtocol":"http"},{"name":"dns","port":53,
        "protocol":"UDP"}],"externalTrafficPolicy":"Local"}}
        """#
    ),
    (
        "autoscaling/v2", "HorizontalPodAutoscaler",
        #"""
        {"metadata":{"name":"h"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},
        "maxReplicas":5,"behavior":{"scaleDown":{"stabilizationWindowSeconds":10}}}}
        """#
    ),
    (
        "discovery.k8s.io/v1", "EndpointSlice",
        #"""
        {"metadata":{"name":"e","labels":{"kubernetes.io/service-name":"s"}},"addressType":"IPv4","ports":[{"port":80}],
        "endpoints":[{"addresses":["10.244.1.2"],"conditions":{"ready":false},"nodeName":"node-1","targetRef":{"kind":"Pod",
        "name":"p"}}]}
        """#
    ),
    (
        "rbac.authorization.k8s.io/v1", "RoleBinding",
        #"""
        {"metadata":{"name":"system:b"},"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s","namespace":
        "n"}],"roleRef":{"kind":"ClusterRole","name":"view"}}
        """#
    ),
    (
        "v1", "PersistentVolumeClaim",
        #"{"metadata":{"name":"p"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1.5Gi"}}}}"#
    ),
    (
        "v1", "Node",
        #"{"metadata":{"name":"n"},"spec":{"podCIDR":"10.244.1.0/24","taints":[{"key":"k","effect":"NoSchedule"}]}}"#
    ),
]

@Suite struct Manifests {
    @Test("Real manifests are accepted whole", arguments: manifests.indices)
    func accepted(index: Int) throws {
        let manifest = manifests[index]
        let object = try kind(manifest.apiVersion, manifest.kind).created(manifest.text)
        let name = tree(manifest.text).at("metadata", "name")
        #expect(object.at("metadata", "name") == name)
    }

    @Test("Defaults filled twice are as filled once", arguments: manifests.indices)
    func idempotent(index: Int) throws {
        let manifest = manifests[index]
        let kind = kind(manifest.apiVersion, manifest.kind)
        let object = try kind.created(manifest.text)
        #expect(kind.defaulted(object) == object)
        let updated = try kind.prepareForUpdate(old: object, new: object, subresource: nil)
        #expect(updated == object)
        try kind.validateUpdate(old: object, new: updated)
    }

    @Test("What is stored is read back the same, strictly", arguments: manifests.indices)
    func readBack(index: Int) throws {
        let manifest = manifests[index]
        let kind = kind(manifest.apiVersion, manifest.kind)
        let object = try kind.created(manifest.text)
        let again = try kind.decode(object.bytes, contentType: nil, validation: .strict)
        #expect(again.object == object)
    }

    @Test("An empty strategic patch changes nothing", arguments: manifests.indices)
    func emptyPatch(index: Int) throws {
        let manifest = manifests[index]
        let kind = kind(manifest.apiVersion, manifest.kind)
        let object = try kind.created(manifest.text)
        #expect(try kind.patch(object, with: [:], type: .strategicMerge) == object)
        #expect(try kind.patch(object, with: object, type: .strategicMerge) == object)
    }

    @Test(
        "A manifest with any one value missing or changed is taken or refused",
        arguments: manifests.indices)
    func oneValueChanged(index: Int) throws {
        let manifest = manifests[index]
        let kind = kind(manifest.apiVersion, manifest.kind)
        let whole = tree(manifest.text)
        let good = try kind.created(manifest.text)
        var refused = 0
        let changed = variants(of: whole)
        for variant in changed {
            // As a body of its own, and as a patch of what is stored.
            if !refusal({ _ = try kind.created(variant.text) }).isEmpty { refused += 1 }
            for type in [PatchType.strategicMerge, .merge] {
                guard let patched = try? kind.patch(good, with: variant, type: type),
                    let body = try? kind.decode(tree: patched, validation: .warn)
                else { continue }
                let new = try? kind.prepareForUpdate(old: good, new: body.object, subresource: nil)
                if let new { _ = refusal { try kind.validateUpdate(old: good, new: new) } }
            }
        }
        #expect(refused > changed.count / 4, "of \(changed.count) variants \(refused) were refused")
    }

    /// The tree with each value in turn taken out, and replaced by values of other types.
    private func variants(of value: JSON) -> [JSON] {
        let others: [JSON] = [.null, "", -1, [], [:]]
        switch value {
        case .object(let object):
            return object.members.flatMap { member -> [JSON] in
                let changes = [nil] + (others + variants(of: member.value)).map { Optional($0) }
                return changes.map { change in
                    var copy = value
                    copy[member.name] = change
                    return copy
                }
            }
        case .array(let elements):
            return elements.indices.flatMap { index in
                (others + variants(of: elements[index])).map { change in
                    var copy = elements
                    copy[index] = change
                    return .array(copy)
                }
            }
        default: return []
        }
    }
}
