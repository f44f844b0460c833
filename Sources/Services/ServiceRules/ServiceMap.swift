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
    ///   - place: where the rules are for; nil where traffic policies have no meaning.
    public static func view(
        services: [Service], slices: [EndpointSlice], podCIDR: String, at place: ProxyPlace? = nil
    ) -> ProxyView {
        var byService: [String: [EndpointSlice]] = [:]
        for slice in slices where slice.addressType == "IPv4" {
            guard let name = slice.metadata.labels?[EndpointSlice.serviceNameLabel] else {
                continue
            }
            byService["\(slice.metadata.namespace ?? "")/\(name)", default: []].append(slice)
        }
        let ports = services.flatMap { service in
            let key = "\(service.metadata.namespace ?? "")/\(service.metadata.name)"
            return self.ports(of: service, slices: byService[key] ?? [], place)
        }
        return ProxyView(
            podCIDR: podCIDR,
            ports: ports.sorted { ($0.name, $0.transport) < ($1.name, $1.transport) })
    }

    private static func ports(
        of service: Service, slices: [EndpointSlice], _ place: ProxyPlace?
    ) -> [ServicePortFacts] {
        guard let address = service.spec.clusterIP, isIPv4(address),
            service.spec.type != "ExternalName"
        else { return [] }
        return (service.spec.ports ?? []).map { port in
            let all = reachable(of: port, in: slices, for: service, place)
            let isLocal = place != nil && service.spec.internalTrafficPolicy == "Local"
            var facts = ServicePortFacts(
                namespace: service.metadata.namespace ?? "", service: service.metadata.name,
                portName: port.name ?? "", transport: (port.protocol ?? "TCP").lowercased(),
                clusterIP: address, port: port.port,
                nodePort: port.nodePort.flatMap { $0 > 0 ? $0 : nil },
                affinitySeconds: affinity(of: service.spec),
                endpoints: chosen(isLocal ? all.filter(\.isHere) : all))
            facts.outside = outside(service.spec, all, isLocal: isLocal, place)
            return facts
        }
    }

    private static func outside(
        _ spec: ServiceSpec, _ all: [Candidate], isLocal: Bool, _ place: ProxyPlace?
    ) -> OutsideTraffic? {
        if place != nil, spec.externalTrafficPolicy == "Local" {
            return OutsideTraffic(endpoints: chosen(all.filter(\.isHere)), keepsSource: true)
        }
        return isLocal ? OutsideTraffic(endpoints: chosen(all), keepsSource: false) : nil
    }

    private static func affinity(of spec: ServiceSpec) -> Int? {
        guard spec.sessionAffinity == "ClientIP" else { return nil }
        return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800
    }

    /// An address that some slice names.
    private struct Candidate: Hashable {
        var facts: EndpointFacts
        /// Answers although it is going away.
        var isLeaving: Bool
        var isHere: Bool
    }

    private static func reachable(
        of port: ServicePort, in slices: [EndpointSlice], for service: Service, _ place: ProxyPlace?
    ) -> [Candidate] {
        var found: Set<Candidate> = []
        for slice in slices {
            for served in slice.ports ?? [] where serves(served, port) {
                guard let number = served.port else { continue }
                for endpoint in slice.endpoints ?? [] {
                    guard let address = endpoint.addresses.first,
                        ProxyPlace.mayServe(address, number, service, place)
                    else { continue }
                    let conditions = endpoint.conditions
                    found.insert(
                        Candidate(
                            facts: EndpointFacts(address, number, ready: conditions?.ready ?? true),
                            isLeaving: conditions?.serving == true
                                && conditions?.terminating == true,
                            isHere: endpoint.nodeName == place?.node))
                }
            }
        }
        return Array(found)
    }

    /// Where none is ready, those that still answer while they go away stand in (KEP-1669).
    private static func chosen(_ candidates: [Candidate]) -> [EndpointFacts] {
        let facts = Set(candidates.map(\.facts))
        let leaving = Set(
            candidates.filter(\.isLeaving).map {
                EndpointFacts($0.facts.address, $0.facts.port, ready: true)
            })
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
