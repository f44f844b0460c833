import JSON
import Objects

extension Rules {
    static let pod = Rules(
        check: { object, errors in
            PodCheck.spec(object["spec"] ?? [:], "spec", &errors)
        },
        update: PodUpdate.check)
}

/// What a pod spec must be like, in a Pod and in a template, beyond what its table says.
enum PodCheck {
    static func spec(_ spec: JSON, _ path: String, _ errors: inout FieldErrors) {
        let volumes = volumeNames(spec, path, &errors)
        var names: Set<String> = []
        for list in ["initContainers", "containers"] {
            for (index, one) in spec.list(list).enumerated() {
                let at = "\(path).\(list)[\(index)]"
                ContainerCheck.container(one, at, volumes, &errors)
                ContainerCheck.place(one, at, isInit: list == "initContainers", &errors)
                if !names.insert(one.text("name")).inserted {
                    errors.duplicate("\(at).name", one["name"])
                }
            }
        }
        Metadata.labels(spec["nodeSelector"], "\(path).nodeSelector", &errors)
        for (index, one) in spec.list("tolerations").enumerated() {
            toleration(one, "\(path).tolerations[\(index)]", &errors)
        }
        if spec.text("dnsPolicy") == "None", spec.at("dnsConfig", "nameservers")?.array == nil {
            errors.required(
                "\(path).dnsConfig.nameservers",
                "must provide at least one DNS nameserver when `dnsPolicy` is None")
        }
        seccomp(spec["securityContext"], "\(path).securityContext", &errors)
    }

    static func seccomp(_ context: JSON?, _ path: String, _ errors: inout FieldErrors) {
        guard let profile = context?["seccompProfile"] else { return }
        let place = "\(path).seccompProfile.localhostProfile"
        let isLocal = profile.text("type") == "Localhost"
        if isLocal, profile.isEmpty("localhostProfile") {
            errors.required(place, "must be set when seccomp type is Localhost")
        } else if !isLocal, profile["localhostProfile"] != nil {
            errors.invalid(
                place, profile["localhostProfile"],
                "can only be set when seccomp type is Localhost")
        }
    }

    private static func volumeNames(
        _ spec: JSON, _ path: String, _ errors: inout FieldErrors
    ) -> Set<String> {
        var names: Set<String> = []
        for (index, volume) in spec.list("volumes").enumerated() {
            let at = "\(path).volumes[\(index)]"
            let name = volume.text("name")
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
        if one.text("operator") == "Exists", !one.isEmpty("value") {
            errors.invalid(
                "\(path).operator", one["operator"],
                "value must be empty when `operator` is 'Exists'")
        }
        if one["tolerationSeconds"] != nil, !one.isEmpty("effect"),
            one.text("effect") != "NoExecute"
        {
            errors.invalid(
                "\(path).effect", one["effect"],
                "effect must be 'NoExecute' when `tolerationSeconds` is set")
        }
    }
}

/// What may change in a pod.
enum PodUpdate {
    static let complaint =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
        + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
        + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

    @Sendable static func check(_ old: JSON, _ new: JSON, _ errors: inout FieldErrors) {
        let (before, after) = (old["spec"] ?? [:], new["spec"] ?? [:])
        if fixedPart(before, after) != fixedPart(after, after) {
            errors.forbidden("spec", complaint)
        }
        deadline(before["activeDeadlineSeconds"], after["activeDeadlineSeconds"], &errors)
        tolerations(before.list("tolerations"), after.list("tolerations"), &errors)
        let gates = Set(before.list("schedulingGates"))
        if !after.list("schedulingGates").allSatisfy(gates.contains) {
            errors.forbidden(
                "spec.schedulingGates", "only deletion is allowed, but found new gates")
        }
    }

    /// What must stay as it is. A deletion may leave less time than the pod asks for, in metadata; its spec
    /// stays, but for a negative grace period of old.
    private static func fixedPart(_ spec: JSON, _ new: JSON) -> JSON {
        var spec = spec
        for list in ["containers", "initContainers"] {
            spec.editEach(list) { $0["image"] = nil }
        }
        for name in [
            "activeDeadlineSeconds", "ephemeralContainers", "tolerations", "schedulingGates",
        ] {
            spec[name] = nil
        }
        let grace = "terminationGracePeriodSeconds"
        if let seconds = spec[grace]?.int, seconds < 0, new[grace] == 1 { spec[grace] = 1 }
        return spec
    }

    private static func deadline(_ old: JSON?, _ new: JSON?, _ errors: inout FieldErrors) {
        guard let before = old?.int else { return }
        guard let after = new?.int else {
            return errors.invalid(
                "spec.activeDeadlineSeconds", new,
                "must not update from a positive integer to nil value")
        }
        if after > before {
            errors.invalid(
                "spec.activeDeadlineSeconds", new,
                "must be less than or equal to previous value")
        }
    }

    /// Those that are there stay, but for how long they hold.
    private static func tolerations(
        _ old: [JSON], _ new: [JSON], _ errors: inout FieldErrors
    ) {
        func withoutTime(_ toleration: JSON) -> JSON {
            var toleration = toleration
            toleration["tolerationSeconds"] = nil
            return toleration
        }
        let kept = Set(new.map(withoutTime))
        if !old.allSatisfy({ kept.contains(withoutTime($0)) }) {
            errors.forbidden(
                "spec.tolerations",
                "existing toleration can not be modified except its tolerationSeconds")
        }
    }
}
