import JSON
import Objects

extension Rules {
    static let pod = Rules(
        check: { object, errors in
            PodCheck.spec(object["spec"] ?? [:], "spec", &errors)
        },
        update: { old, new, errors in
            let (before, after) = (PodCheck.fixedPart(old), PodCheck.fixedPart(new))
            if before != after { errors.forbidden("spec", PodCheck.updateComplaint) }
        })
}

/// What a pod spec must be like, in a Pod and in a template.
enum PodCheck {
    static let updateComplaint =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
        + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
        + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

    /// What must stay as it is: everything but images, the deadline and tolerations; a pod without
    /// a node may
    /// get one (the binding), and lose scheduling gates.
    static func fixedPart(_ pod: JSON) -> JSON {
        var spec = pod["spec"] ?? [:]
        for list in ["containers", "initContainers"] {
            spec.editEach(list) { container in
                container["image"] = nil
                container["resources"] = nil
            }
        }
        for name in [
            "activeDeadlineSeconds", "tolerations", "nodeName", "schedulingGates",
            "ephemeralContainers",
        ] { spec[name] = nil }
        return spec
    }

    static func spec(_ spec: JSON, _ path: String, _ errors: inout FieldErrors) {
        let volumes = volumeNames(spec, path, &errors)
        if spec.isEmpty("containers") { errors.required("\(path).containers") }
        var names: Set<String> = []
        for list in ["initContainers", "containers"] {
            for (index, one) in spec.list(list).enumerated() {
                let at = "\(path).\(list)[\(index)]"
                container(one, at, volumes, &errors)
                if !names.insert(one.text("name")).inserted {
                    errors.duplicate("\(at).name", one["name"])
                }
            }
        }
        Check.oneOf(
            spec["restartPolicy"], ["Always", "OnFailure", "Never"], "\(path).restartPolicy",
            &errors)
        Check.oneOf(
            spec["dnsPolicy"], ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
            "\(path).dnsPolicy", &errors)
        Check.notNegative(
            spec["terminationGracePeriodSeconds"], "\(path).terminationGracePeriodSeconds", &errors)
        if let deadline = spec["activeDeadlineSeconds"]?.int, deadline < 1 {
            errors.invalid(
                "\(path).activeDeadlineSeconds", spec["activeDeadlineSeconds"],
                "must be between 1 and 2147483647, inclusive")
        }
        Metadata.labels(spec["nodeSelector"], "\(path).nodeSelector", &errors)
        for (index, one) in spec.list("tolerations").enumerated() {
            toleration(one, "\(path).tolerations[\(index)]", &errors)
        }
    }

    private static func volumeNames(
        _ spec: JSON, _ path: String, _ errors: inout FieldErrors
    ) -> Set<String> {
        var names: Set<String> = []
        for (index, volume) in spec.list("volumes").enumerated() {
            let at = "\(path).volumes[\(index)]"
            let name = volume.text("name")
            if name.isEmpty {
                errors.required("\(at).name")
            } else if let complaint = Names.label(name) {
                errors.invalid("\(at).name", .string(name), complaint)
            }
            if !names.insert(name).inserted { errors.duplicate("\(at).name", .string(name)) }
            let sources = volume.object?.names.filter { $0 != "name" } ?? []
            for source in sources.dropFirst() {
                errors.forbidden("\(at).\(source)", "may not specify more than 1 volume type")
            }
        }
        return names
    }

    private static func toleration(_ one: JSON, _ path: String, _ errors: inout FieldErrors) {
        if one.isEmpty("key"), one.text("operator") != "Exists" {
            errors.invalid(
                "\(path).operator", one["operator"] ?? "",
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\""
            )
        }
        Check.oneOf(one["operator"], ["Equal", "Exists"], "\(path).operator", &errors)
        if one.text("operator") == "Exists", !one.isEmpty("value") {
            errors.invalid(
                "\(path).operator", one["operator"],
                "value must be empty when `operator` is 'Exists'")
        }
        Check.oneOf(
            one["effect"], ["NoExecute", "NoSchedule", "PreferNoSchedule"], "\(path).effect",
            &errors)
    }

    private static func container(
        _ one: JSON, _ path: String, _ volumes: Set<String>, _ errors: inout FieldErrors
    ) {
        let name = one.text("name")
        if name.isEmpty {
            errors.required("\(path).name")
        } else if let complaint = Names.label(name) {
            errors.invalid("\(path).name", .string(name), complaint)
        }
        let image = one.text("image")
        if image.isEmpty { errors.required("\(path).image") }
        if image.first == " " || image.last == " " {
            errors.invalid(
                "\(path).image", .string(image), "must not have leading or trailing whitespace")
        }
        ports(one, path, &errors)
        for (index, variable) in one.list("env").enumerated() where variable.isEmpty("name") {
            errors.required("\(path).env[\(index)].name")
        }
        mounts(one, path, volumes, &errors)
        Check.oneOf(
            one["imagePullPolicy"], ["Always", "IfNotPresent", "Never"], "\(path).imagePullPolicy",
            &errors)
        resources(one["resources"] ?? [:], "\(path).resources", &errors)
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            if let probe = one[name] { self.probe(probe, "\(path).\(name)", &errors) }
        }
    }

    private static func ports(_ one: JSON, _ path: String, _ errors: inout FieldErrors) {
        var names: Set<String> = []
        for (index, port) in one.list("ports").enumerated() {
            let at = "\(path).ports[\(index)]"
            if let name = port["name"]?.string, !name.isEmpty {
                if let complaint = Names.portName(name) {
                    errors.invalid("\(at).name", .string(name), complaint)
                }
                if !names.insert(name).inserted { errors.duplicate("\(at).name", .string(name)) }
            }
            if port["containerPort"] == nil {
                errors.required("\(at).containerPort")
            } else {
                Check.port(port["containerPort"], "\(at).containerPort", &errors)
            }
            if let host = port["hostPort"] { Check.port(host, "\(at).hostPort", &errors) }
            Check.oneOf(port["protocol"], ["SCTP", "TCP", "UDP"], "\(at).protocol", &errors)
        }
    }

    private static func mounts(
        _ one: JSON, _ path: String, _ volumes: Set<String>, _ errors: inout FieldErrors
    ) {
        var places: Set<String> = []
        for (index, mount) in one.list("volumeMounts").enumerated() {
            let at = "\(path).volumeMounts[\(index)]"
            if mount.isEmpty("name") {
                errors.required("\(at).name")
            } else if !volumes.contains(mount.text("name")) {
                errors.notFound("\(at).name", mount["name"])
            }
            if mount.isEmpty("mountPath") {
                errors.required("\(at).mountPath")
            } else if !places.insert(mount.text("mountPath")).inserted {
                errors.invalid("\(at).mountPath", mount["mountPath"], "must be unique")
            }
        }
    }

    private static func resources(_ resources: JSON, _ path: String, _ errors: inout FieldErrors) {
        for kind in ["limits", "requests"] {
            for (name, amount) in resources[kind]?.object ?? JSONObject() {
                if amount.string?.first == "-" {
                    errors.invalid(
                        "\(path).\(kind)[\(name)]", amount, "must be greater than or equal to 0")
                }
            }
        }
        for (name, amount) in resources["requests"]?.object ?? JSONObject() {
            guard let limit = resources["limits"]?[name]?.string, let requested = amount.string,
                let most = Quantity(limit), let least = Quantity(requested), least > most
            else { continue }
            errors.invalid(
                "\(path).requests", amount,
                "must be less than or equal to \(name) limit of \(limit)")
        }
    }

    private static func probe(_ probe: JSON, _ path: String, _ errors: inout FieldErrors) {
        let handlers = ["exec", "httpGet", "tcpSocket", "grpc"].filter { probe[$0] != nil }
        if handlers.isEmpty { errors.required(path, "must specify a handler type") }
        for extra in handlers.dropFirst() {
            errors.forbidden("\(path).\(extra)", "may not specify more than 1 handler type")
        }
        if probe["exec"]?.isEmpty("command") == true { errors.required("\(path).exec.command") }
        for handler in ["httpGet", "tcpSocket"] {
            guard let port = probe.at(handler, "port") ?? probe[handler].map({ _ in 0 }) else {
                continue
            }
            if port.string == nil { Check.port(port, "\(path).\(handler).port", &errors) }
        }
        for name in [
            "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
            "failureThreshold",
        ] { Check.notNegative(probe[name], "\(path).\(name)", &errors) }
        if !path.hasSuffix("readinessProbe"), let needed = probe["successThreshold"]?.int,
            needed != 1
        {
            errors.invalid("\(path).successThreshold", probe["successThreshold"], "must be 1")
        }
    }
}
