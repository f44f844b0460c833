import JSON

extension Printer {
    static let service = Printer(
        .name, Column("Type") { $0.at("spec", "type") ?? "" },
        Column("Cluster-IP") { service in
            let address = service["spec"]?.text("clusterIP") ?? ""
            return .string(address.isEmpty ? "<none>" : address)
        },
        Column("External-IP") { .string(ServiceCells.external($0)) },
        Column("Port(s)") { .string(ServiceCells.ports($0)) }, .age,
        Column("Selector") { .string(CoreCells.pairs($0.at("spec", "selector") ?? [:])) }.wide)

    static let endpointSlice = Printer(
        .name, Column("AddressType") { $0["addressType"] ?? "" },
        Column("Ports") { slice in
            let ports = slice.list("ports").map { $0["port"]?.text ?? "*" }
            return .string(ServiceCells.short(ports, unset: "<unset>"))
        },
        Column("Endpoints") { slice in
            let addresses = slice.list("endpoints").flatMap {
                $0.list("addresses").compactMap(\.string)
            }
            return .string(ServiceCells.short(addresses, unset: "<unset>"))
        },
        .age)

    static let endpoints = Printer(
        .name,
        Column("Endpoints") { endpoints in
            let pairs = endpoints.list("subsets").flatMap { subset in
                let addresses = subset.list("addresses").map { $0.text("ip") }
                let ports = subset.list("ports").map { $0["port"]?.text ?? "" }
                if ports.isEmpty { return addresses }
                return ports.flatMap { port in addresses.map { "\($0):\(port)" } }
            }
            return .string(ServiceCells.short(pairs, unset: "<none>"))
        },
        .age)
}

enum ServiceCells {
    /// More than this is cut short: ` + 2 more...`
    private static let shownMax = 3

    static func short(_ texts: [String], unset: String) -> String {
        if texts.isEmpty { return unset }
        let shown = texts.prefix(shownMax).joined(separator: ",")
        return texts.count > shownMax ? "\(shown) + \(texts.count - shownMax) more..." : shown
    }

    /// `80/TCP,443:30443/TCP`
    static func ports(_ service: JSON) -> String {
        let ports = (service["spec"]?.list("ports") ?? []).map { port in
            let node = port["nodePort"]?.int.flatMap { $0 > 0 ? ":\($0)" : nil } ?? ""
            return "\(port["port"]?.text ?? "")\(node)/\(port.text("protocol"))"
        }
        return ports.isEmpty ? "<none>" : ports.joined(separator: ",")
    }

    static func external(_ service: JSON) -> String {
        let spec = service["spec"] ?? [:]
        let fixed = spec.list("externalIPs").compactMap(\.string)
        switch spec.text("type") {
        case "ExternalName": return spec.text("externalName")
        case "LoadBalancer":
            let ingress = service.at("status", "loadBalancer")?.list("ingress") ?? []
            let given = ingress.map { $0.isEmpty("ip") ? $0.text("hostname") : $0.text("ip") }
            return (given + fixed).isEmpty ? "<pending>" : (given + fixed).joined(separator: ",")
        default: return fixed.isEmpty ? "<none>" : fixed.joined(separator: ",")
        }
    }
}
