import JSON
import Objects

/// What a container must be like, beyond what its table says.
enum ContainerCheck {
    static func container(
        _ one: JSON, _ path: String, _ volumes: Set<String>, _ errors: inout FieldErrors
    ) {
        ports(one, path, &errors)
        for (index, variable) in one.list("env").enumerated() {
            environment(variable, "\(path).env[\(index)]", &errors)
        }
        for (index, source) in one.list("envFrom").enumerated() {
            oneOf(source, ["configMapRef", "secretRef"], "\(path).envFrom[\(index)]", &errors)
        }
        mounts(one, path, volumes, &errors)
        resources(one["resources"] ?? [:], "\(path).resources", &errors)
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            if let probe = one[name] { self.probe(probe, name, "\(path).\(name)", &errors) }
        }
        for hook in ["postStart", "preStop"] {
            guard let handler = one.at("lifecycle", hook) else { continue }
            let names = ["exec", "httpGet", "tcpSocket", "sleep"]
            handlers(handler, names, "\(path).lifecycle.\(hook)", &errors)
        }
        PodCheck.seccomp(one["securityContext"], "\(path).securityContext", &errors)
        if one.at("securityContext", "privileged") == true,
            one.at("securityContext", "allowPrivilegeEscalation") == false
        {
            errors.invalid(
                "\(path).securityContext", one["securityContext"],
                "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
        }
    }

    /// What only sidecars among init containers may have, and only init containers.
    static func place(_ one: JSON, _ path: String, isInit: Bool, _ errors: inout FieldErrors) {
        if !isInit, let policy = one["restartPolicy"] {
            errors.forbidden(
                "\(path).restartPolicy",
                "may not be set for non-init containers: \(policy.string ?? "")")
        }
        guard isInit, one.text("restartPolicy") != "Always" else { return }
        for name in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
        where one[name] != nil {
            errors.forbidden(
                "\(path).\(name)", "may not be set for init containers without restartPolicy=Always"
            )
        }
    }

    private static func ports(_ one: JSON, _ path: String, _ errors: inout FieldErrors) {
        var names: Set<String> = []
        for (index, port) in one.list("ports").enumerated() {
            let name = port.text("name")
            if !name.isEmpty, !names.insert(name).inserted {
                errors.duplicate("\(path).ports[\(index)].name", .string(name))
            }
        }
    }

    private static func environment(_ one: JSON, _ path: String, _ errors: inout FieldErrors) {
        guard let source = one["valueFrom"] else { return }
        let names = [
            "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef",
        ]
        let given = names.filter { source[$0] != nil }
        if given.isEmpty {
            errors.invalid(
                "\(path).valueFrom", "",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
            )
        } else if !one.isEmpty("value") {
            errors.invalid(
                "\(path).valueFrom", "", "may not be specified when `value` is not empty")
        } else if given.count > 1 {
            errors.invalid(
                "\(path).valueFrom", "", "may not have more than one field specified at a time")
        }
    }

    private static func oneOf(
        _ source: JSON, _ names: [String], _ path: String, _ errors: inout FieldErrors
    ) {
        let given = names.filter { source[$0] != nil }
        if given.isEmpty {
            let list = names.map { "`\($0)`" }.joined(separator: " or ")
            errors.invalid(path, "", "must specify one of: \(list)")
        } else if given.count > 1 {
            errors.invalid(path, "", "may not have more than one field specified at a time")
        }
    }

    private static func mounts(
        _ one: JSON, _ path: String, _ volumes: Set<String>, _ errors: inout FieldErrors
    ) {
        var places: Set<String> = []
        for (index, mount) in one.list("volumeMounts").enumerated() {
            let at = "\(path).volumeMounts[\(index)]"
            if !mount.isEmpty("name"), !volumes.contains(mount.text("name")) {
                errors.notFound("\(at).name", mount["name"])
            }
            if !mount.isEmpty("mountPath"), !places.insert(mount.text("mountPath")).inserted {
                errors.invalid("\(at).mountPath", mount["mountPath"], "must be unique")
            }
            if !mount.isEmpty("subPath"), !mount.isEmpty("subPathExpr") {
                errors.invalid(
                    "\(at).subPathExpr", mount["subPathExpr"],
                    "subPathExpr and subPath are mutually exclusive")
            }
        }
    }

    private static func resources(_ resources: JSON, _ path: String, _ errors: inout FieldErrors) {
        for kind in ["limits", "requests"] {
            for (name, amount) in resources[kind]?.object ?? JSONObject() {
                let place = "\(path).\(kind)[\(name)]"
                if let complaint = Names.resource(name) {
                    errors.invalid(place, .string(name), complaint)
                }
                if let complaint = ValueForm.amount.complaint(amount) {
                    errors.invalid(place, amount, complaint)
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

    private static func handlers(
        _ owner: JSON, _ names: [String], _ path: String, _ errors: inout FieldErrors
    ) {
        let given = names.filter { owner[$0] != nil }
        if given.isEmpty { errors.required(path, "must specify a handler type") }
        for extra in given.dropFirst() {
            errors.forbidden("\(path).\(extra)", "may not specify more than 1 handler type")
        }
    }

    private static func probe(
        _ probe: JSON, _ name: String, _ path: String, _ errors: inout FieldErrors
    ) {
        handlers(probe, ["exec", "httpGet", "tcpSocket", "grpc"], path, &errors)
        guard name != "readinessProbe" else {
            if probe["terminationGracePeriodSeconds"] != nil {
                errors.invalid(
                    "\(path).terminationGracePeriodSeconds",
                    probe["terminationGracePeriodSeconds"], "must not be set for readinessProbes")
            }
            return
        }
        if let needed = probe["successThreshold"]?.int, needed != 1 {
            errors.invalid("\(path).successThreshold", probe["successThreshold"], "must be 1")
        }
    }
}
