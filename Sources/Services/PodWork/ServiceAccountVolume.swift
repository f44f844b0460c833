import JSON
import Objects

/// The volume that a pod gets without asking: its service account's token, the authority by which
/// it knows the API server, and its namespace. Client libraries look for the three in this
/// directory.
public enum ServiceAccountVolume {
    public static let directory = "/var/run/secrets/kubernetes.io/serviceaccount"
    static let name = "kube-api-access"
    /// The ConfigMap that a cluster keeps the authority in.
    public static let authority = "kube-root-ca.crt"

    /// The pod with the volume in all containers, but those that have something else at that place.
    /// As it was, where the pod wants no token.
    public static func added(to pod: Pod) throws -> Pod {
        if pod.spec.automountServiceAccountToken == false { return pod }
        var pod = pod
        let needs = { (container: Container) in
            !(container.volumeMounts ?? []).contains { $0.mountPath == directory }
        }
        guard pod.spec.everyContainer.contains(where: needs) else { return pod }
        let tree: JSON = ["name": .string(name), "mountPath": .string(directory), "readOnly": true]
        let mount: VolumeMount = try tree.decode()
        func mounting(_ container: Container) -> Container {
            var container = container
            if needs(container) {
                container.volumeMounts = (container.volumeMounts ?? []) + [mount]
            }
            return container
        }
        pod.spec.containers = pod.spec.containers.map(mounting)
        pod.spec.initContainers = pod.spec.initContainers?.map(mounting)
        pod.spec.volumes = (pod.spec.volumes ?? []) + [try volume()]
        return pod
    }

    /// An hour and seven seconds is what the real one asks for: whoever sees it knows the token for
    /// one of these.
    private static func volume() throws -> Volume {
        let token: JSON = ["path": "token", "expirationSeconds": 3607]
        let items: JSON = [["key": "ca.crt", "path": "ca.crt"]]
        let certificate: JSON = ["name": .string(authority), "items": items]
        let field: JSON = ["fieldPath": "metadata.namespace"]
        let namespace: JSON = ["items": [["path": "namespace", "fieldRef": field]]]
        let sources: JSON = [
            ["serviceAccountToken": token], ["configMap": certificate], ["downwardAPI": namespace],
        ]
        let tree: JSON = ["name": .string(name), "projected": ["sources": sources]]
        return try tree.decode()
    }
}
