/// Who a certificate speaks for, and what it may be used for.
struct Identity {
    /// The file's name without its ending.
    var name: String
    /// The user, as the API server sees it.
    var commonName: String
    /// The user's group.
    var organization: String?
    /// Names and addresses that a client may have dialled; not empty means that it may serve.
    var serverNames: [String] = []
    var isClient = true

    /// Kubernetes' own names, so that its default roles fit
    /// (kubernetes.io/docs/setup/best-practices/certificates).
    static func all(nodes: [NodeName], extraServerNames: [String]) -> [Identity] {
        let server = Identity(
            name: "apiserver", commonName: "kube-apiserver",
            serverNames: [
                "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local", "127.0.0.1", "10.88.0.1", "10.96.0.1",
            ] + extraServerNames,
            isClient: false)
        let components = ["kube-scheduler", "kube-controller-manager", "kube-proxy"].map {
            Identity(name: $0, commonName: "system:\($0)")
        }
        let kubelets = nodes.map {
            Identity(
                name: $0.name, commonName: "system:node:\($0.name)", organization: "system:nodes",
                serverNames: [$0.name, $0.address, "127.0.0.1"])
        }
        return [
            server,
            Identity(name: "admin", commonName: "kubernetes-admin", organization: "system:masters"),
            // A name that kubelets know, and nothing more: at the API server it may do nothing.
            Identity(
                name: "apiserver-kubelet-client", commonName: "kube-apiserver-kubelet-client"),
        ] + components + kubelets
    }
}

// All members of a store run on the dock's own address; by hand, on the machine's loopback.
extension Identity {
    private static let storeNames = ["localhost", "127.0.0.1", "10.88.0.1"]

    static let storeServer = Identity(
        name: "server", commonName: "drydock-store", serverNames: storeNames, isClient: false)
    static let storeClient = Identity(name: "client", commonName: "drydock-store-client")
    static let storePeer = Identity(
        name: "peer", commonName: "drydock-store-peer", serverNames: storeNames)
}

/// The four bytes of a dotted address; nil for anything else.
func ipv4(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { UInt8($0) }
    return parts.count == 4 && bytes.count == 4 ? bytes : nil
}
