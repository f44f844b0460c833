import JSON
import Objects

extension Column {
    /// Names of a template's containers.
    fileprivate static let containers = Column("Containers") { .string(names(of: $0, "name")) }.wide
    fileprivate static let images = Column("Images") { .string(names(of: $0, "image")) }.wide
    fileprivate static let selector = Column("Selector") { object in
        let text = LabelQuery(selector: object.at("spec", "selector") ?? [:]).description
        return .string(text.isEmpty ? "<none>" : text)
    }.wide

    private static func names(of object: JSON, _ member: String) -> String {
        let template =
            object.at("spec", "template") ?? object.at("spec", "jobTemplate", "spec", "template")
        let containers = template?["spec"]?.list("containers") ?? []
        return containers.map { $0.text(member) }.joined(separator: ",")
    }

    fileprivate static func status(_ name: String, _ member: String) -> Column {
        .count(name) { $0.at("status", member)?.int ?? 0 }
    }

    fileprivate static func ready(_ name: String) -> Column {
        Column(name) { object in
            let ready = object.at("status", "readyReplicas")?.int ?? 0
            return .string("\(ready)/\(object.at("spec", "replicas")?.int ?? 0)")
        }
    }
}

extension Printer {
    static let deployment = Printer(
        .name, .ready("Ready"), .status("Up-to-date", "updatedReplicas"),
        .status("Available", "availableReplicas"), .age, .containers, .images, .selector)

    static let replicaSet = Printer(
        .name, .count("Desired") { $0.at("spec", "replicas")?.int ?? 0 },
        .status("Current", "replicas"),
        .status("Ready", "readyReplicas"), .age, .containers, .images, .selector)

    static let statefulSet = Printer(.name, .ready("Ready"), .age, .containers, .images)

    static let daemonSet = Printer(
        .name, .status("Desired", "desiredNumberScheduled"),
        .status("Current", "currentNumberScheduled"),
        .status("Ready", "numberReady"), .status("Up-to-date", "updatedNumberScheduled"),
        .status("Available", "numberAvailable"),
        Column("Node Selector") { object in
            let selector = object.at("spec", "template", "spec", "nodeSelector") ?? [:]
            return .string(CoreCells.pairs(selector))
        },
        .age, .containers, .images, .selector)

    static let job = Printer(
        .name, Column("Status") { .string(JobCells.state($0)) },
        Column("Completions") { .string(JobCells.completions($0)) },
        Column("Duration", aged: { job, now in .string(JobCells.duration(job, now)) }),
        .age, .containers, .images, .selector)

    static let cronJob = Printer(
        .name, Column("Schedule") { $0.at("spec", "schedule") ?? "" },
        Column("Timezone") { $0.at("spec", "timeZone") ?? "<none>" },
        Column("Suspend") { .string($0.at("spec", "suspend")?.bool == true ? "True" : "False") },
        .count("Active") { $0.at("status", "active")?.array?.count ?? 0 },
        Column(
            "Last Schedule",
            aged: { object, now in
                guard let last = object.at("status", "lastScheduleTime") else { return "<none>" }
                return .string(Age.since(last, now))
            }),
        .age, .containers, .images, .selector)

    static let autoscaler = Printer(
        .name,
        Column("Reference") { object in
            let target = object.at("spec", "scaleTargetRef") ?? [:]
            return .string("\(target.text("kind"))/\(target.text("name"))")
        },
        Column("Targets") { .string(AutoscalerCells.targets($0)) },
        Column("MinPods") { $0.at("spec", "minReplicas").map { .string($0.text) } ?? "<unset>" },
        .count("MaxPods") { $0.at("spec", "maxReplicas")?.int ?? 0 },
        .status("Replicas", "currentReplicas"), .age)
}

/// What a Job's line says.
enum JobCells {
    static func state(_ job: JSON) -> String {
        let conditions = job["status"]?.list("conditions") ?? []
        func holds(_ type: String) -> Bool {
            conditions.contains { $0.text("type") == type && $0.text("status") == "True" }
        }
        if holds("Complete") { return "Complete" }
        if holds("Failed") { return "Failed" }
        if job.at("metadata", "deletionTimestamp") != nil { return "Terminating" }
        if holds("Suspended") { return "Suspended" }
        if holds("FailureTarget") { return "FailureTarget" }
        return holds("SuccessCriteriaMet") ? "SuccessCriteriaMet" : "Running"
    }

    static func completions(_ job: JSON) -> String {
        let done = job.at("status", "succeeded")?.int ?? 0
        if let wanted = job.at("spec", "completions")?.int { return "\(done)/\(wanted)" }
        let parallelism = job.at("spec", "parallelism")?.int ?? 0
        return parallelism > 1 ? "\(done)/1 of \(parallelism)" : "\(done)/1"
    }

    static func duration(_ job: JSON, _ now: Int) -> String {
        guard let start = job["status"]?.text("startTime"), let from = Timestamp(start) else {
            return ""
        }
        let end = Timestamp(job["status"]?.text("completionTime") ?? "")?.seconds ?? now
        return Age.text(end - from.seconds)
    }
}

/// `cpu: 45%/80%`, `memory: 30Mi/64Mi`, `<unknown>` for what is not measured yet.
enum AutoscalerCells {
    /// More than this is cut short: ` + 2 more...`
    private static let shownMax = 2

    static func targets(_ object: JSON) -> String {
        let specs = object["spec"]?.list("metrics") ?? []
        let statuses = object["status"]?.list("currentMetrics") ?? []
        if specs.isEmpty { return "<none>" }
        let texts = specs.enumerated().map { index, spec in
            target(spec, index < statuses.count ? statuses[index] : [:])
        }
        let shown = texts.prefix(shownMax).joined(separator: ", ")
        return texts.count > shownMax ? "\(shown) + \(texts.count - shownMax) more..." : shown
    }

    private static func target(_ spec: JSON, _ status: JSON) -> String {
        let members = [
            "Resource": "resource", "ContainerResource": "containerResource", "Pods": "pods",
            "Object": "object", "External": "external",
        ]
        guard let member = members[spec.text("type")], let source = spec[member] else {
            return "<unknown type>"
        }
        let goal = source["target"] ?? [:]
        let current = status.at(member, "current") ?? [:]
        let name =
            member == "resource" || member == "containerResource" ? "\(source.text("name")): " : ""
        if let percent = goal["averageUtilization"]?.int {
            let now = current["averageUtilization"]?.int.map { "\($0)%" } ?? "<unknown>"
            return "\(name)\(now)/\(percent)%"
        }
        if let average = goal["averageValue"]?.string {
            let now = current["averageValue"]?.string ?? "<unknown>"
            return "\(name)\(now)/\(average)\(name.isEmpty && member != "pods" ? " (avg)" : "")"
        }
        return "\(name)\(current["value"]?.string ?? "<unknown>")/\(goal.text("value"))"
    }
}
