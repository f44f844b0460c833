import JSON
import Objects

extension Printer {
    static let configMap = Printer(
        .name,
        .count("Data") {
            ($0["data"]?.object?.count ?? 0) + ($0["binaryData"]?.object?.count ?? 0)
        },
        .age)

    static let secret = Printer(
        .name, Column("Type") { $0["type"] ?? "" },
        .count("Data") { $0["data"]?.object?.count ?? 0 }, .age)

    static let serviceAccount = Printer(.name, .count("Secrets") { $0.list("secrets").count }, .age)
    static let namespace = Printer(.name, Column("Status") { $0.at("status", "phase") ?? "" }, .age)
    static let lease = Printer(
        .name, Column("Holder") { $0.at("spec", "holderIdentity") ?? "" }, .age)

    static let persistentVolumeClaim = Printer(
        .name, Column("Status") { $0.at("status", "phase") ?? "" },
        Column("Volume") { $0.at("spec", "volumeName") ?? "" },
        Column("Capacity") { $0.at("status", "capacity", "storage") ?? "" },
        Column("Access Modes") { .string(CoreCells.accessModes($0)) },
        Column("StorageClass") { $0.at("spec", "storageClassName") ?? "" },
        Column("VolumeAttributesClass") { $0.at("spec", "volumeAttributesClassName") ?? "<unset>" },
        .age, Column("VolumeMode") { $0.at("spec", "volumeMode") ?? "<unset>" }.wide)

    static let node = Printer(
        .name, Column("Status") { .string(NodeCells.status($0)) },
        Column("Roles") { .string(NodeCells.roles($0)) }, .age,
        Column("Version") { $0.at("status", "nodeInfo", "kubeletVersion") ?? "" },
        Column("Internal-IP") { .string(NodeCells.address($0, "InternalIP")) }.wide,
        Column("External-IP") { .string(NodeCells.address($0, "ExternalIP")) }.wide,
        Column("OS-Image") { NodeCells.info($0, "osImage") }.wide,
        Column("Kernel-Version") { NodeCells.info($0, "kernelVersion") }.wide,
        Column("Container-Runtime") { NodeCells.info($0, "containerRuntimeVersion") }.wide)

    static let event = Printer(
        Column("Last Seen", aged: { event, now in .string(EventCells.lastSeen(event, now)) }),
        Column("Type") { $0["type"] ?? "" }, Column("Reason") { $0["reason"] ?? "" },
        Column("Object") { .string(EventCells.object($0)) },
        Column("Subobject") { $0.at("involvedObject", "fieldPath") ?? "" }.wide,
        Column("Source") { .string(EventCells.source($0)) }.wide,
        Column("Message") { .string(CoreCells.trimmed($0.text("message"))) },
        Column("First Seen", aged: { event, now in .string(EventCells.firstSeen(event, now)) })
            .wide,
        Column.count("Count") { $0.at("series", "count")?.int ?? $0["count"]?.int ?? 1 }.wide,
        Column.name.wide)

    static let role = Printer(
        .name, Column("Created At") { $0.at("metadata", "creationTimestamp") ?? "" })
    static let clusterRole = role

    static let roleBinding = Printer(
        .name,
        Column("Role") { object in
            let role = object["roleRef"] ?? [:]
            return .string("\(role.text("kind"))/\(role.text("name"))")
        },
        .age,
        Column("Users") { .string(CoreCells.subjects($0, "User")) }.wide,
        Column("Groups") { .string(CoreCells.subjects($0, "Group")) }.wide,
        Column("ServiceAccounts") { .string(CoreCells.subjects($0, "ServiceAccount")) }.wide)

    static let metrics = Printer(
        .name, Column("CPU") { MetricsCells.usage($0, "cpu") },
        Column("Memory") { MetricsCells.usage($0, "memory") },
        Column("Window") { $0["window"] ?? "" })
}

/// Cells that several kinds share.
enum CoreCells {
    static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// `a=b,c=d`, sorted.
    static func pairs(_ map: JSON) -> String {
        let pairs = (map.object?.members ?? []).map { "\($0.name)=\($0.value.string ?? "")" }
            .sorted()
        return pairs.isEmpty ? "<none>" : pairs.joined(separator: ",")
    }

    static func accessModes(_ claim: JSON) -> String {
        let short = [
            "ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX",
            "ReadWriteOncePod": "RWOP",
        ]
        let modes = claim["status"]?.list("accessModes") ?? []
        return modes.compactMap { $0.string.flatMap { short[$0] } }.joined(separator: ",")
    }

    static func subjects(_ binding: JSON, _ kind: String) -> String {
        binding.list("subjects").filter { $0.text("kind") == kind }.map { subject in
            kind == "ServiceAccount"
                ? "\(subject.text("namespace"))/\(subject.text("name"))" : subject.text("name")
        }.joined(separator: ", ")
    }
}

enum NodeCells {
    /// `Ready`, `NotReady`, with `,SchedulingDisabled` for a cordoned one.
    static func status(_ node: JSON) -> String {
        let conditions = node["status"]?.list("conditions") ?? []
        let ready = conditions.first { $0.text("type") == "Ready" }
        let word = ready.map { $0.text("status") == "True" ? "Ready" : "NotReady" } ?? "Unknown"
        return node.at("spec", "unschedulable")?.bool == true ? "\(word),SchedulingDisabled" : word
    }

    /// From labels `node-role.kubernetes.io/ROLE`.
    static func roles(_ node: JSON) -> String {
        let prefix = "node-role.kubernetes.io/"
        let labels = node.at("metadata", "labels")?.object ?? JSONObject()
        let roles = labels.members.compactMap { label -> String? in
            if label.name.hasPrefix(prefix) { return String(label.name.dropFirst(prefix.count)) }
            return label.name == "kubernetes.io/role" ? label.value.string : nil
        }
        return roles.isEmpty ? "<none>" : Set(roles).sorted().joined(separator: ",")
    }

    static func address(_ node: JSON, _ type: String) -> String {
        node["status"]?.list("addresses").first { $0.text("type") == type }?.text("address")
            ?? "<none>"
    }

    static func info(_ node: JSON, _ member: String) -> JSON {
        node.at("status", "nodeInfo", member) ?? "<unknown>"
    }
}

enum EventCells {
    /// `pod/web-1`
    static func object(_ event: JSON) -> String {
        let about = event["involvedObject"] ?? [:]
        return "\(about.text("kind").lowercased())/\(about.text("name"))"
    }

    /// `kubelet, node-1`
    static func source(_ event: JSON) -> String {
        let source = event["source"] ?? [:]
        let component =
            source.isEmpty("component")
            ? event.text("reportingComponent") : source.text("component")
        return source.isEmpty("host") ? component : "\(component), \(source.text("host"))"
    }

    static func lastSeen(_ event: JSON, _ now: Int) -> String {
        Age.since(
            event.at("series", "lastObservedTime") ?? event["lastTimestamp"] ?? event["eventTime"],
            now)
    }

    static func firstSeen(_ event: JSON, _ now: Int) -> String {
        Age.since(event["firstTimestamp"] ?? event["eventTime"], now)
    }
}

enum MetricsCells {
    /// A node's usage, or the sum of a pod's containers.
    static func usage(_ metrics: JSON, _ resource: String) -> JSON {
        if let usage = metrics["usage"] { return usage[resource] ?? "" }
        let amounts = metrics.list("containers").compactMap { container in
            container.at("usage", resource)?.string.flatMap { Quantity($0) }
        }
        return .string(amounts.reduce(Quantity.zero, +).description)
    }
}
