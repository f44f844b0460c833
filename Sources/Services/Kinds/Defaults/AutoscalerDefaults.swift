import JSON

extension Defaults {
    static func autoscaler(_ object: inout JSON) {
        object.editOrMake("spec") { spec in
            spec.fill("minReplicas", 1)
            if spec.isEmpty("metrics") { spec["metrics"] = .array([AutoscalerConversion.cpu(80)]) }
            spec.edit("behavior") { behavior in
                behavior.editOrMake("scaleUp") { rules in
                    rules.fill("stabilizationWindowSeconds", 0)
                    rules.fill("selectPolicy", "Max")
                    if rules.isEmpty("policies") {
                        rules["policies"] = [policy("Pods", 4), policy("Percent", 100)]
                    }
                }
                behavior.editOrMake("scaleDown") { rules in
                    rules.fill("selectPolicy", "Max")
                    if rules.isEmpty("policies") { rules["policies"] = [policy("Percent", 100)] }
                }
            }
        }
    }

    private static func policy(_ type: String, _ value: Int) -> JSON {
        ["type": .string(type), "value": JSON(value), "periodSeconds": 15]
    }

    static func autoscalerV1(_ object: inout JSON) {
        object.editOrMake("spec") { $0.fill("minReplicas", 1) }
    }
}

/// autoscaling/v1 knows CPU only; what else the stored autoscaling/v2 object measures travels in an
/// annotation, so that reading and writing through v1 loses nothing.
enum AutoscalerConversion {
    private static let metricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics"
    private static let behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior"
    private static let conditionsAnnotation = "autoscaling.alpha.kubernetes.io/conditions"

    static func cpu(_ percent: Int) -> JSON {
        [
            "type": "Resource",
            "resource": [
                "name": "cpu",
                "target": ["type": "Utilization", "averageUtilization": JSON(percent)],
            ],
        ]
    }

    private static func percent(_ metric: JSON, _ value: String) -> JSON? {
        guard metric.at("resource", "name")?.string == "cpu" else { return nil }
        return metric.at("resource", value, "averageUtilization")
    }

    static func toV2(_ object: JSON) -> JSON {
        var object = object
        object["apiVersion"] = "autoscaling/v2"
        var metrics = take(metricsAnnotation, from: &object)?.array ?? []
        let behavior = take(behaviorAnnotation, from: &object)
        let conditions = take(conditionsAnnotation, from: &object)
        object.edit("spec") { spec in
            if let percent = spec["targetCPUUtilizationPercentage"]?.int {
                metrics.insert(cpu(percent), at: 0)
            }
            spec["targetCPUUtilizationPercentage"] = nil
            if !metrics.isEmpty { spec["metrics"] = .array(metrics) }
            spec["behavior"] = behavior
        }
        object.edit("status") { status in
            if let percent = status["currentCPUUtilizationPercentage"] {
                let current: JSON = ["name": "cpu", "current": ["averageUtilization": percent]]
                status["currentMetrics"] = [["type": "Resource", "resource": current]]
            }
            status["currentCPUUtilizationPercentage"] = nil
            status["conditions"] = conditions
        }
        return object
    }

    static func toV1(_ object: JSON) -> JSON {
        var object = object
        object["apiVersion"] = "autoscaling/v1"
        let metrics = object["spec"]?.list("metrics") ?? []
        let cpuIndex = metrics.firstIndex { percent($0, "target") != nil }
        let rest = metrics.enumerated().filter { $0.offset != cpuIndex }.map(\.element)
        if !rest.isEmpty { put(metricsAnnotation, .array(rest), into: &object) }
        if let behavior = object.at("spec", "behavior") {
            put(behaviorAnnotation, behavior, into: &object)
        }
        if let conditions = object.at("status", "conditions") {
            put(conditionsAnnotation, conditions, into: &object)
        }
        object.edit("spec") { spec in
            (spec["metrics"], spec["behavior"]) = (nil, nil)
            spec["targetCPUUtilizationPercentage"] = cpuIndex.flatMap {
                percent(metrics[$0], "target")
            }
        }
        object.edit("status") { status in
            let current = status.list("currentMetrics").compactMap { percent($0, "current") }.first
            (status["currentMetrics"], status["conditions"]) = (nil, nil)
            status["currentCPUUtilizationPercentage"] = current
        }
        return object
    }

    private static func put(_ annotation: String, _ value: JSON, into object: inout JSON) {
        object.editOrMake("metadata") { metadata in
            metadata.editOrMake("annotations") { $0[annotation] = .string(value.text) }
        }
    }

    private static func take(_ annotation: String, from object: inout JSON) -> JSON? {
        guard let text = object.at("metadata", "annotations", annotation)?.string else {
            return nil
        }
        object.edit("metadata") { metadata in
            metadata.edit("annotations") { $0[annotation] = nil }
            if metadata.isEmpty("annotations") { metadata["annotations"] = nil }
        }
        return try? JSON(parsing: text)
    }
}
