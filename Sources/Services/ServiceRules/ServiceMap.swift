import ContractServiceDNAT
import Objects

/// From the API's Services and EndpointSlices to what lab 14's part needs: one entry for each port
/// of each Service.
public enum ServiceMap {
    /// - Parameters:
    ///   - services: Services without an address of their own (headless, ExternalName) are left
    ///   out.
    ///   - slices: of all Services; they are matched by namespace and the label
    ///   kubernetes.io/service-name.
    public static func view(services: [Service], slices: [EndpointSlice], podCIDR: String)
        -> ProxyView
    {
        var byService: [String: [EndpointSlice]] = [:]
        for slice in slices where slice.addressType == "IPv4" {
            guard let name = slice.metadata.labels?[EndpointSlice.serviceNameLabel] else {
                continue
            }
            byService["\(slice.metadata.namespace ?? "")/\(name)", default: []].append(slice)
        }
        let ports = services.flatMap { service in
            let key = "\(service.metadata.namespace ?? "")/\(service.metadata.name)"
            return self.ports(of: service, slices: byService[key] ?? [])
        }
        return ProxyView(
            podCIDR: podCIDR,
            ports: ports.sorted { ($0.name, $0.transport) < ($1.name, $1.transport) })
    }

    private static func ports(of service: Service, slices: [EndpointSlice]) -> [ServicePortFacts] {
        guard let address = service.spec.clusterIP, isIPv4(address),
            service.spec.type != "ExternalName"
        else { return [] }
        return (service.spec.ports ?? []).map { port in
            ServicePortFacts(
                namespace: service.metadata.namespace ?? "", service: service.metadata.name,
                portName: port.name ?? "", transport: (port.protocol ?? "TCP").lowercased(),
                clusterIP: address, port: port.port,
                nodePort: port.nodePort.flatMap { $0 > 0 ? $0 : nil },
                affinitySeconds: affinity(of: service.spec),
                endpoints: endpoints(of: port, in: slices))
        }
    }

    private static func affinity(of spec: ServiceSpec) -> Int? {
        guard spec.sessionAffinity == "ClientIP" else { return nil }
        return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800
    }

    /// The endpoints of one port. Where none is ready, those that still answer while they go away
    /// stand in (KEP-1669).
    private static func endpoints(of port: ServicePort, in slices: [EndpointSlice])
        -> [EndpointFacts]
    {
        var facts: Set<EndpointFacts> = []
        var leaving: Set<EndpointFacts> = []
        for slice in slices {
            for served in slice.ports ?? [] where serves(served, port) {
                guard let number = served.port else { continue }
                for endpoint in slice.endpoints ?? [] {
                    guard let address = endpoint.addresses.first else { continue }
                    let conditions = endpoint.conditions
                    let ready = conditions?.ready ?? true
                    facts.insert(EndpointFacts(address, number, ready: ready))
                    if conditions?.serving == true, conditions?.terminating == true {
                        leaving.insert(EndpointFacts(address, number, ready: true))
                    }
                }
            }
        }
        let chosen = facts.contains(where: \.ready) || leaving.isEmpty ? facts : leaving
        return chosen.sorted {
            ($0.address, $0.port, $0.ready ? 0 : 1) < ($1.address, $1.port, $1.ready ? 0 : 1)
        }
    }

    private static func serves(_ served: EndpointPort, _ port: ServicePort) -> Bool {
        (served.name ?? "") == (port.name ?? "")
            && (served.protocol ?? "TCP") == (port.protocol ?? "TCP")
    }

    private static func isIPv4(_ text: String) -> Bool { IPv4(text) != nil }
}
