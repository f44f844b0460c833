import ArgumentParser
import Client
import ContractServiceDNAT
import Logging
import PartPipe
import Proxy
import ServiceRules
import SolutionServiceDNAT

/// `dnat proxy`: kube-proxy's place on a node.
struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract:
            "Keep this network namespace's rules in step with the cluster's Services until SIGTERM.",
        discussion: """
            Example: dnat proxy --kubeconfig .drydock/pki/kube-proxy.kubeconfig --node-name node-1 --pod-cidr 10.244.0.0/16

            Connections that a rule has sent somewhere stay there: conntrack(8) remembers. For TCP that is what one wants; a UDP client
            that never pauses keeps talking to an endpoint that is gone.
            """)

    @Option(help: "The kubeconfig, written as JSON.") var kubeconfig: String
    @Option(help: "The node's name, for the log and for traffic policies.") var nodeName: String
    @Option(help: "The network of all pods; clients from elsewhere are masqueraded.") var podCidr:
        String

    func run() async throws {
        Daemon.bootstrapLogging()
        var logger = Logger(label: "dnat")
        logger[metadataKey: "node"] = .string(nodeName)
        let proxy = Proxy(
            client: try APIClient(kubeconfig: kubeconfig), part: part(logger), podCIDR: podCidr,
            place: try place(), logger: logger)
        try await Daemon.run { try await proxy.run() }
    }

    private func place() throws -> ProxyPlace {
        // `https://10.88.0.1:6443`
        let words = try Kubeconfig(path: kubeconfig).server.utf8.split(separator: UInt8(ascii: "/"))
        let parts = (words.last ?? "".utf8[...]).split(separator: UInt8(ascii: ":")).compactMap {
            String($0)
        }
        return ProxyPlace(
            node: nodeName, server: parts.first ?? "",
            serverPort: parts.count > 1 ? Int(parts[1]) ?? 443 : 443)
    }

    private func part(_ logger: Logger) -> PartCalls<any ServiceDNATContract> {
        guard let student = StudentPart(lab: "14") else {
            return PartCalls(ServiceDNAT(), isRemote: false)
        }
        logger.notice("lab 14, your part: \(student.path)")
        return PartCalls(RemoteServiceDNAT(asking: student), isRemote: true)
    }
}

/// `dnat clean`: what an ended proxy has left.
struct Clean: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take all rules of the proxy out of this network namespace.",
        discussion: "Example: ip netns exec node dnat clean")

    func run() throws { try removeAllRules(jumps: try ServiceDNAT().jumps()) }
}
