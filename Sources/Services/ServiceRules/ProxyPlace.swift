import ContractServiceDNAT
import Objects

/// Where a proxy's rules are: on which node, and beside what that no Service may lead to.
public struct ProxyPlace: Sendable {
    public var node: String
    /// The machine that the control plane runs on, and the API server's port there: `10.88.0.1`,
    /// 6443. The store and its like listen there too, and trust that only their own kind comes by.
    public var server: String
    public var serverPort: Int

    public init(node: String, server: String, serverPort: Int) {
        (self.node, self.server, self.serverPort) = (node, server, serverPort)
    }

    /// Anybody who may write EndpointSlices chooses their addresses, and the node carries the
    /// packets there with its own rights. So no Service leads to a machine's own loopback, to
    /// addresses that aren't single machines, or to the control plane, with one exception:
    /// `kubernetes` to the API server.
    static func mayServe(
        _ address: String, _ port: Int, _ service: Service, _ place: ProxyPlace?
    ) -> Bool {
        guard let parsed = IPv4(address), (1...65535).contains(port) else { return false }
        let nobodys = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"]
        if nobodys.contains(where: { parsed.isIn($0) }) { return false }
        guard let place, parsed == IPv4(place.server) else { return true }
        return port == place.serverPort && service.metadata.name == "kubernetes"
            && service.metadata.namespace == "default"
    }
}
