import ArgumentParser

/// The kit's certificates: one authority, a key pair for every name that speaks TLS, and the files
/// that clients read to find the API server.
struct PKI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pki",
        abstract: "Makes the cluster's certificate authority, certificates and kubeconfig files.",
        discussion: "Example: pki init --dir .drydock/pki",
        subcommands: [Initialise.self])
}

struct Initialise: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes what is missing or no longer valid into a directory, and keeps the rest.",
        discussion: """
            Examples:
              pki init --dir .drydock/pki
              pki init --dir .drydock/pki --node node-1=10.88.0.11 --node node-2=10.88.0.12 \\
                       --kubeconfig .drydock/kubeconfig

            Files: ca.crt ca.key, NAME.crt NAME.key, NAME.kubeconfig, sa.key sa.pub, where NAME is
              apiserver                       the API server's own certificate
              apiserver-kubelet-client        with which it calls kubelets
              admin                           kubernetes-admin in system:masters
              kube-scheduler, kube-controller-manager, kube-proxy
              node-1, node-2, …               a kubelet's, for serving and for calling the API server

            In DIR/store, of two authorities that certify nothing else:
              ca, server, client              what members show to clients; the API server as a client
              peer-ca, peer                   a member's, for the other members
            """)

    @Option(help: "The directory; made if it is not there.")
    var dir: String

    @Option(
        help: ArgumentHelp("A node and its address; may be repeated.", valueName: "name=address"))
    var node: [NodeName] = []

    @Option(help: "The API server, as the cluster's components reach it.")
    var server = "https://10.88.0.1:6443"

    @Option(help: "The API server, as the administrator reaches it.")
    var adminServer = "https://127.0.0.1:6443"

    @Option(help: "One more name or address that the API server answers to; may be repeated.")
    var san: [String] = []

    @Option(help: "Writes the administrator's kubeconfig to this file as well.")
    var kubeconfig: String?

    func run() throws {
        let folder = try Folder(path: dir)
        let authority = try Authority("drydock-ca", in: folder)
        try authority.issue(Identity.all(nodes: node, extraServerNames: san), in: folder)
        try folder.writeServiceAccountKey()
        try writeKubeconfigs(authority, folder)
        print(folder.summary)
        let store = try Folder(path: "\(dir)/store")
        try Authority("drydock-store-ca", in: store).issue([.storeServer, .storeClient], in: store)
        try Authority("drydock-store-peer-ca", in: store, file: "peer-ca").issue(
            [.storePeer], in: store)
        print("store: \(store.summary)")
    }

    private func writeKubeconfigs(_ authority: Authority, _ folder: Folder) throws {
        for name in ["kube-scheduler", "kube-controller-manager", "kube-proxy"] + node.map(\.name) {
            try folder.writeKubeconfig(name, server: server)
        }
        try folder.writeKubeconfig("admin", server: adminServer, copyTo: kubeconfig)
    }
}

/// `node-1=10.88.0.11`
struct NodeName: ExpressibleByArgument {
    var name: String
    var address: String

    init?(argument: String) {
        let halves = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty, ipv4(String(halves[1])) != nil else {
            return nil
        }
        (name, address) = (String(halves[0]), String(halves[1]))
    }
}
