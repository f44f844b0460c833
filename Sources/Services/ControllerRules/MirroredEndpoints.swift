import Objects

// Endpoints that somebody wrote by hand, for a Service without a selector, as slices: the proxies read nothing else.
// Source: Kubernetes documentation, "EndpointSlices", "EndpointSlice mirroring".

extension Endpoints {
    /// False for what is no Service's list of addresses: its writer said so, or it is an old lock of leaders.
    public var isMirrored: Bool {
        metadata.labels?["endpointslice.kubernetes.io/skip-mirror"] != "true"
            && metadata.annotations?["control-plane.alpha.kubernetes.io/leader"] == nil
    }

    /// The slices that say the same: one for each set of ports and each family of addresses, an address once in each.
    public var mirrored: [SliceContent] {
        var groups: [SliceContent: [Endpoint]] = [:]
        for subset in subsets ?? [] {
            let ports = (subset.ports ?? []).map { port in
                var port = port
                port.name = port.name ?? ""
                return port
            }
            let all =
                (subset.addresses ?? []).map { Endpoint($0, isReady: true) }
                + (subset.notReadyAddresses ?? []).map { Endpoint($0, isReady: false) }
            for endpoint in all {
                let group = SliceContent(
                    addressType: endpoint.addresses[0].utf8.contains(UInt8(ascii: ":"))
                        ? "IPv6" : "IPv4",
                    ports: ports, endpoints: [])
                let isNew = !groups[group, default: []].contains {
                    $0.addresses == endpoint.addresses
                }
                if isNew { groups[group, default: []].append(endpoint) }
            }
        }
        return groups.map { group, endpoints in
            var content = group
            content.endpoints = endpoints.sorted { $0.addresses[0] < $1.addresses[0] }
            return content
        }
        .flatMap(chunks)
        .sorted { ($0.addressType, order($0)) < ($1.addressType, order($1)) }
    }
}

extension Endpoint {
    fileprivate init(_ address: EndpointAddress, isReady: Bool) {
        self.init(addresses: [address.ip])
        conditions = EndpointConditions(ready: isReady)
        (hostname, nodeName, targetRef) = (address.hostname, address.nodeName, address.targetRef)
    }
}
