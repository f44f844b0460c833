import JSON

/// What an update of a Service leaves as it was, and what goes with a type that the Service no longer has.
///
/// Addresses and node ports are the server's to give: a client that never saw them leaves them out, and means to
/// keep them. A port is the same port where it has the same name.
/// Source: kubernetes, pkg/registry/core/service, patchAllocatedValues and dropTypeDependentFields.
enum ServiceUpdate {
    static func carryOver(old: JSON, new: inout JSON) {
        let before = old["spec"] ?? [:]
        new.edit("spec") { spec in
            carryAddress(before, &spec)
            carryNodePorts(before, &spec)
        }
    }

    private static func hasAddress(_ spec: JSON) -> Bool { spec.text("type") != "ExternalName" }
    private static func hasNodePorts(_ spec: JSON) -> Bool {
        ["NodePort", "LoadBalancer"].contains(spec.text("type"))
    }

    private static func carryAddress(_ before: JSON, _ spec: inout JSON) {
        guard hasAddress(before) else { return }
        if hasAddress(spec) {
            if spec.isEmpty("clusterIP") { spec["clusterIP"] = before["clusterIP"] }
            if spec.isEmpty("clusterIPs"), spec["clusterIP"] == before["clusterIP"] {
                spec["clusterIPs"] = before["clusterIPs"]
            }
        } else if spec["clusterIP"] == before["clusterIP"] {
            (spec["clusterIP"], spec["clusterIPs"]) = (nil, nil)
        }
    }

    private static func carryNodePorts(_ before: JSON, _ spec: inout JSON) {
        guard hasNodePorts(before) else { return }
        let (mine, others) = (nodePorts(before), nodePorts(spec))
        guard hasNodePorts(spec) else {
            // They came with the type, and go with it; others that the client names are its own mistake.
            if others.isSubset(of: mine) { spec.editEach("ports") { $0["nodePort"] = nil } }
            for name in ["externalTrafficPolicy", "healthCheckNodePort"]
            where spec[name] == before[name] { spec[name] = nil }
            return
        }
        var used = mine.intersection(others)
        let byName = Dictionary(
            before.list("ports").map { ($0.text("name"), $0["nodePort"]?.int) },
            uniquingKeysWith: { first, _ in first })
        spec.editEach("ports") { port in
            guard (port["nodePort"]?.int ?? 0) == 0 else { return }
            guard let number = byName[port.text("name")] ?? nil, used.insert(number).inserted else {
                return
            }
            port["nodePort"] = JSON(number)
        }
    }

    private static func nodePorts(_ spec: JSON) -> Set<Int> {
        Set(spec.list("ports").compactMap { $0["nodePort"]?.int }.filter { $0 > 0 })
    }
}
