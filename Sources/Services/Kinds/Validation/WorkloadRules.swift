import JSON

extension Rules {
    static let deployment = Rules(
        check: { object, errors in
            WorkloadCheck.template(object, &errors)
            let spec = object["spec"] ?? [:]
            if let deadline = spec["progressDeadlineSeconds"]?.int,
                deadline <= spec["minReadySeconds"]?.int ?? 0
            {
                errors.invalid(
                    "spec.progressDeadlineSeconds", spec["progressDeadlineSeconds"],
                    "must be greater than minReadySeconds")
            }
            WorkloadCheck.strategy(spec["strategy"] ?? [:], "spec.strategy", &errors)
        }, update: WorkloadCheck.selectorIsImmutable)

    static let replicaSet = Rules(
        check: { object, errors in
            WorkloadCheck.template(object, &errors)
        }, update: WorkloadCheck.selectorIsImmutable)

    static let daemonSet = Rules(
        check: { object, errors in
            WorkloadCheck.template(object, &errors)
            WorkloadCheck.strategy(
                object.at("spec", "updateStrategy") ?? [:], "spec.updateStrategy", &errors)
        }, update: WorkloadCheck.selectorIsImmutable)

    static let statefulSet = Rules(
        check: { object, errors in
            WorkloadCheck.template(object, &errors)
        },
        update: { old, new, errors in
            let changeable = [
                "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
                "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
            ]
            var (before, after) = (old["spec"] ?? [:], new["spec"] ?? [:])
            for name in changeable { (before[name], after[name]) = (nil, nil) }
            if before != after {
                errors.forbidden(
                    "spec",
                    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                        + "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                        + "'minReadySeconds' are forbidden")
            }
        })

    static let job = Rules(
        check: { object, errors in WorkloadCheck.job(object["spec"] ?? [:], "spec", &errors) },
        update: { old, new, errors in
            Check.immutable(
                old.at("spec", "selector"), new.at("spec", "selector"), "spec.selector", &errors)
            Check.immutable(
                old.at("spec", "template"), new.at("spec", "template"), "spec.template", &errors)
        })

    static let cronJob = Rules(check: { object, errors in
        let spec = object["spec"] ?? [:]
        if object["metadata"]?.text("name").utf8.count ?? 0 > 52 {
            errors.invalid(
                "metadata.name", object.at("metadata", "name"), "must be no more than 52 characters"
            )
        }
        let fields = spec.text("schedule").pieces(between: " ").count
        if fields != 5, fields > 0, spec.text("schedule").utf8.first != UInt8(ascii: "@") {
            errors.invalid(
                "spec.schedule", spec["schedule"],
                "expected exactly 5 fields, found \(fields): [\(spec.text("schedule"))]")
        }
        WorkloadCheck.job(spec.at("jobTemplate", "spec") ?? [:], "spec.jobTemplate.spec", &errors)
    })

    static let autoscaler = Rules(check: { object, errors in
        let spec = object["spec"] ?? [:]
        let least = spec["minReplicas"]?.int ?? 1
        let most = spec["maxReplicas"]?.int ?? 0
        if least < 1 {
            errors.invalid("spec.minReplicas", JSON(least), "must be greater than or equal to 1")
        }
        if most < 1 { errors.invalid("spec.maxReplicas", JSON(most), "must be greater than 0") }
        if most < least {
            errors.invalid(
                "spec.maxReplicas", JSON(most), "must be greater than or equal to `minReplicas`")
        }
        for (index, metric) in spec.list("metrics").enumerated() {
            WorkloadCheck.metric(metric, "spec.metrics[\(index)]", &errors)
        }
    })
}

/// What controllers of pods have in common.
enum WorkloadCheck {
    @Sendable static func selectorIsImmutable(_ old: JSON, _ new: JSON, _ errors: inout FieldErrors)
    {
        Check.immutable(
            old.at("spec", "selector"), new.at("spec", "selector"), "spec.selector", &errors)
    }

    /// The selector is there, can be read, and selects the template's pods.
    static func template(_ object: JSON, _ errors: inout FieldErrors) {
        let spec = object["spec"] ?? [:]
        let template = spec["template"] ?? [:]
        let labels = template.at("metadata", "labels") ?? [:]
        if let selector = spec["selector"] {
            Check.selector(selector, "spec.selector", &errors)
            if selector.isEmpty("matchLabels"), selector.isEmpty("matchExpressions") {
                errors.invalid(
                    "spec.selector", selector, "empty selector is invalid for deployment")
            } else if !LabelQuery(selector: selector).matches(labels: labels) {
                errors.invalid(
                    "spec.template.metadata.labels", labels,
                    "`selector` does not match template `labels`")
            }
        } else {
            errors.required("spec.selector")
            errors.invalid(
                "spec.template.metadata.labels", labels,
                "`selector` does not match template `labels`")
        }
        Metadata.labels(labels, "spec.template.labels", &errors)
        PodCheck.spec(template["spec"] ?? [:], "spec.template.spec", &errors)
        Check.oneOf(
            template.at("spec", "restartPolicy"), ["Always"], "spec.template.spec.restartPolicy",
            &errors)
    }

    static func strategy(_ strategy: JSON, _ path: String, _ errors: inout FieldErrors) {
        guard let bounds = strategy["rollingUpdate"] else { return }
        let type = strategy.text("type")
        if type != "RollingUpdate" {
            return errors.forbidden(
                "\(path).rollingUpdate", "may not be specified when strategy `type` is '\(type)'")
        }
        Check.share(
            bounds["maxUnavailable"], "\(path).rollingUpdate.maxUnavailable", atMost: 100, &errors)
        Check.share(bounds["maxSurge"], "\(path).rollingUpdate.maxSurge", &errors)
        if Check.isZeroShare(bounds["maxUnavailable"]), Check.isZeroShare(bounds["maxSurge"]) {
            errors.invalid(
                "\(path).rollingUpdate.maxUnavailable", bounds["maxUnavailable"] ?? 0,
                "may not be 0 when `maxSurge` is 0")
        }
    }

    static func job(_ spec: JSON, _ path: String, _ errors: inout FieldErrors) {
        let template = spec["template"] ?? [:]
        Metadata.labels(template.at("metadata", "labels"), "\(path).template.labels", &errors)
        if spec.text("completionMode") == "Indexed", spec["completions"] == nil {
            errors.required(
                "\(path).completions", "when completion mode is Indexed")
        }
        PodCheck.spec(template["spec"] ?? [:], "\(path).template.spec", &errors)
        let policy = template.at("spec", "restartPolicy")
        if policy?.string == "Always" {
            errors.notSupported(
                "\(path).template.spec.restartPolicy", policy, ["OnFailure", "Never"])
        }
    }

    static func metric(_ metric: JSON, _ path: String, _ errors: inout FieldErrors) {
        let members = [
            "Object": "object", "Pods": "pods", "Resource": "resource",
            "ContainerResource": "containerResource", "External": "external",
        ]
        guard !metric.isEmpty("type") else {
            return errors.required("\(path).type", "must specify a metric source type")
        }
        guard let member = members[metric.text("type")] else {
            return errors.notSupported("\(path).type", metric["type"], members.keys.sorted())
        }
        guard let source = metric[member] else {
            return errors.required(
                "\(path).\(member)", "must populate information for the given metric source")
        }
        guard member == "resource" || member == "containerResource" else { return }
        let target = source["target"] ?? [:]
        if target["averageUtilization"] == nil, target["averageValue"] == nil {
            errors.required(
                "\(path).\(member).target.averageUtilization",
                "must set either a target raw value or a target utilization")
        }
    }
}
