import ContractServiceDNAT

extension ServiceDNAT {
    /// The same Services as maps: every Service port that somebody serves, its endpoints that are
    /// ready, and where each of them is. `VerdictMaps` says what stands where.
    public func verdictMaps(_ view: ProxyView) throws -> VerdictMaps {
        // step 14.7 begin
        var maps = VerdictMaps()
        for port in view.ports {
            let ready = try served(port)
            if ready.isEmpty { continue }
            let chain = try serviceChain(port)
            maps.services["\(port.clusterIP) . \(port.transport) . \(port.port)"] = chain
            for endpoint in ready {
                let target = try endpointChain(port, endpoint)
                maps.endpoints[chain, default: []] += [target]
                maps.destinations[target] = "\(endpoint.address):\(endpoint.port)"
            }
        }
        return maps
        // step 14.7 end
    }
}
