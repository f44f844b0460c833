import JSON

extension Defaults {
    static func namespace(_ object: inout JSON) {
        let name = object.at("metadata", "name") ?? ""
        object.editOrMake("metadata") { metadata in
            if metadata.isEmpty("name") { return }
            metadata.editOrMake("labels") { $0["kubernetes.io/metadata.name"] = name }
        }
    }

    static func startNamespace(_ object: inout JSON) {
        object["spec"] = ["finalizers": ["kubernetes"]]
        object["status"] = ["phase": "Active"]
    }

    static func secret(_ object: inout JSON) {
        if object.isEmpty("type") { object["type"] = "Opaque" }
        guard let texts = object["stringData"]?.object else { return }
        object.editOrMake("data") { data in
            for (key, text) in texts {
                data[key] = .string(Base64.encode(Array((text.string ?? "").utf8)))
            }
        }
        object["stringData"] = nil
    }

    static func event(_ object: inout JSON) {
        if object.isEmpty("type") { object["type"] = "Normal" }
    }

    static func persistentVolumeClaim(_ object: inout JSON) {
        object.editOrMake("spec") { $0.fill("volumeMode", "Filesystem") }
    }

    static func service(_ object: inout JSON) {
        object.editOrMake("spec") { spec in
            if spec.isEmpty("sessionAffinity") { spec["sessionAffinity"] = "None" }
            if spec.text("sessionAffinity") == "ClientIP" {
                spec.editOrMake("sessionAffinityConfig") { config in
                    config.editOrMake("clientIP") { $0.fill("timeoutSeconds", 10800) }
                }
            }
            if spec.isEmpty("type") { spec["type"] = "ClusterIP" }
            spec.editEach("ports") { port in
                if port.isEmpty("protocol") { port["protocol"] = "TCP" }
                if port.isEmpty("targetPort"), let number = port["port"] {
                    port["targetPort"] = number
                }
            }
            traffic(&spec)
            if spec.isEmpty("clusterIPs"), !spec.isEmpty("clusterIP") {
                spec["clusterIPs"] = .array([spec["clusterIP"]!])
            }
        }
    }

    private static func traffic(_ spec: inout JSON) {
        let type = spec.text("type")
        guard type != "ExternalName" else { return }
        spec.fill("internalTrafficPolicy", "Cluster")
        spec.fill("ipFamilyPolicy", "SingleStack")
        spec.fill("ipFamilies", ["IPv4"])
        guard type == "NodePort" || type == "LoadBalancer" else { return }
        spec.fill("externalTrafficPolicy", "Cluster")
        if type == "LoadBalancer" { spec.fill("allocateLoadBalancerNodePorts", true) }
    }

    static func endpointSlice(_ object: inout JSON) {
        object.editEach("ports") { port in
            port.fill("name", "")
            port.fill("protocol", "TCP")
        }
        object.fill("endpoints", [])
        object.fill("ports", [])
    }

    static func roleBinding(_ object: inout JSON) {
        object.editEach("subjects") { subject in
            guard subject.isEmpty("apiGroup"), subject.text("kind") != "ServiceAccount" else {
                return
            }
            subject["apiGroup"] = "rbac.authorization.k8s.io"
        }
        object.editOrMake("roleRef") { role in
            if role.isEmpty("apiGroup") { role["apiGroup"] = "rbac.authorization.k8s.io" }
        }
    }

    /// The status that a new pod has before anyone writes one.
    static func startPod(_ object: inout JSON) {
        object["status"] = [
            "phase": "Pending", "qosClass": .string(qosClass(object["spec"] ?? [:])),
        ]
    }

    /// Guaranteed: every container limits CPU and memory and requests as much. BestEffort: no
    /// container asks
    /// for anything. Burstable: the rest. (kubernetes.io, "Pod Quality of Service Classes")
    static func qosClass(_ spec: JSON) -> String {
        let resources = (spec.list("containers") + spec.list("initContainers")).map {
            $0["resources"] ?? [:]
        }
        func amount(_ resource: JSON, _ kind: String, _ name: String) -> String? {
            resource.at(kind, name)?.string.flatMap { $0 == "0" ? nil : $0 }
        }
        let names = ["cpu", "memory"]
        let asksNothing = resources.allSatisfy { one in
            names.allSatisfy {
                amount(one, "limits", $0) == nil && amount(one, "requests", $0) == nil
            }
        }
        if asksNothing { return "BestEffort" }
        let isGuaranteed = resources.allSatisfy { one in
            names.allSatisfy { name in
                let limit = amount(one, "limits", name)
                return limit != nil && (amount(one, "requests", name) ?? limit) == limit
            }
        }
        return isGuaranteed ? "Guaranteed" : "Burstable"
    }
}
