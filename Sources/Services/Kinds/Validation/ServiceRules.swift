import JSON

extension Rules {
    static let service = Rules(
        check: { object, errors in ServiceCheck.spec(object["spec"] ?? [:], &errors) },
        update: { old, new, errors in
            let (before, after) = (old["spec"] ?? [:], new["spec"] ?? [:])
            let typesWithAddress = ["ClusterIP", "NodePort", "LoadBalancer"]
            guard typesWithAddress.contains(before.text("type")),
                typesWithAddress.contains(after.text("type")),
                !before.isEmpty("clusterIP"), before.text("clusterIP") != after.text("clusterIP")
            else { return }
            errors.invalid(
                "spec.clusterIPs[0]", after["clusterIPs"] ?? after["clusterIP"],
                "may not change once set")
        })

    static let endpointSlice = Rules(
        check: { object, errors in
            if object.list("endpoints").count > 1000 {
                errors.invalid(
                    "endpoints", JSON(object.list("endpoints").count),
                    "must have at most 1000 items")
            }
            for (index, endpoint) in object.list("endpoints").enumerated() {
                let path = "endpoints[\(index)].addresses"
                if endpoint.isEmpty("addresses") {
                    errors.required(path, "must contain at least 1 address")
                }
                guard object.text("addressType") == "IPv4" else { continue }
                for (number, address) in endpoint.list("addresses").enumerated()
                where !Names.isIPv4(address.string ?? "") {
                    errors.invalid("\(path)[\(number)]", address, "must be a valid IPv4 address")
                }
            }
        },
        update: { old, new, errors in
            Check.immutable(old["addressType"], new["addressType"], "addressType", &errors)
        })
}

enum ServiceCheck {
    static func spec(_ spec: JSON, _ errors: inout FieldErrors) {
        let type = spec.text("type")
        Metadata.labels(spec["selector"], "spec.selector", &errors)
        if type == "ExternalName" {
            if spec.isEmpty("externalName") { errors.required("spec.externalName") }
        } else if spec.isEmpty("ports"), spec.text("clusterIP") != "None" {
            errors.required("spec.ports")
        }
        let address = spec.text("clusterIP")
        if !address.isEmpty, address != "None", !Names.isIPv4(address) {
            errors.invalid(
                "spec.clusterIPs[0]", .string(address),
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
        }
        if address == "None", ["NodePort", "LoadBalancer"].contains(type) {
            errors.invalid(
                "spec.clusterIPs[0]", .string(address),
                "may not be set to 'None' for \(type) services")
        }
        ports(spec, &errors)
    }

    static func hasNodePorts(_ spec: JSON) -> Bool {
        ["NodePort", "LoadBalancer"].contains(spec.text("type"))
    }

    private static func ports(_ spec: JSON, _ errors: inout FieldErrors) {
        var names: Set<String> = []
        var numbers: Set<String> = []
        let ports = spec.list("ports")
        for (index, port) in ports.enumerated() {
            let path = "spec.ports[\(index)]"
            let name = port.text("name")
            if name.isEmpty {
                if ports.count > 1 { errors.required("\(path).name") }
            } else {
                if !names.insert(name).inserted { errors.duplicate("\(path).name", .string(name)) }
            }
            if port["nodePort"]?.int ?? 0 > 0, !hasNodePorts(spec) {
                errors.forbidden(
                    "\(path).nodePort", "may not be used when `type` is '\(spec.text("type"))'")
            }
            let identity = "\(port["port"]?.text ?? "")/\(port.text("protocol"))"
            if !numbers.insert(identity).inserted {
                let value: JSON = ["port": port["port"] ?? 0, "protocol": port["protocol"] ?? ""]
                errors.duplicate(path, value)
            }
        }
    }
}
