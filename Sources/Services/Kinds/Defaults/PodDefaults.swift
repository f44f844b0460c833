import JSON

/// What the server fills in where the client said nothing, one function a kind.
/// Source: kubernetes.io, the API reference's "defaults to"; a list from a real server's answers is
/// in the tests.
enum Defaults {
    /// A pod itself; also what admission adds (account, tolerations, priority).
    static func pod(_ pod: inout JSON) {
        let isMirror = pod.at("metadata", "annotations", "kubernetes.io/config.mirror") != nil
        pod.edit("spec") { spec in
            for list in ["containers", "initContainers"] {
                spec.editEach(list) { $0.edit("resources", requestsFromLimits) }
            }
            podSpec(&spec)
            spec.fill("enableServiceLinks", true)
            spec.fill("preemptionPolicy", "PreemptLowerPriority")
            spec.fill("priority", 0)
            // The image of a pod from a kubelet's file is nobody's.
            if !isMirror { account(&spec) }
            tolerations(&spec)
        }
    }

    /// A pod template, in a Deployment say.
    static func template(_ template: inout JSON) { template.edit("spec", podSpec) }

    private static func podSpec(_ spec: inout JSON) {
        spec.fill("restartPolicy", "Always")
        spec.fill("terminationGracePeriodSeconds", 30)
        spec.fill("dnsPolicy", "ClusterFirst")
        spec.fill("securityContext", [:])
        spec.fill("schedulerName", "default-scheduler")
        let usesHostPorts = spec["hostNetwork"]?.bool == true
        for list in ["containers", "initContainers", "ephemeralContainers"] {
            spec.editEach(list) { container(&$0, usesHostPorts) }
        }
        spec.editEach("volumes", volume)
        if !spec.isEmpty("serviceAccountName") {
            spec.fill("serviceAccount", spec["serviceAccountName"]!)
        }
        if !spec.isEmpty("serviceAccount") {
            spec.fill("serviceAccountName", spec["serviceAccount"]!)
        }
    }

    private static func container(_ container: inout JSON, _ usesHostPorts: Bool) {
        container.fill("terminationMessagePath", "/dev/termination-log")
        container.fill("terminationMessagePolicy", "File")
        container.fill("imagePullPolicy", pullPolicy(container.text("image")))
        container.fill("resources", [:])
        container.editEach("ports") { port in
            port.fill("protocol", "TCP")
            if usesHostPorts, let number = port["containerPort"] { port.fill("hostPort", number) }
        }
        container.editEach("env") { variable in
            variable.edit("valueFrom") { source in
                source.edit("fieldRef") { $0.fill("apiVersion", "v1") }
                source.edit("resourceFieldRef") { $0.fill("divisor", "0") }
            }
        }
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            container.edit(name, probe)
        }
        container.edit("lifecycle") { lifecycle in
            for name in ["postStart", "preStop"] {
                lifecycle.edit(name) { $0.edit("httpGet", httpGet) }
            }
        }
    }

    /// Always for `:latest`, said or not; what has another tag or a digest need not be asked for
    /// again.
    private static func pullPolicy(_ image: String) -> JSON {
        if image.utf8.contains(UInt8(ascii: "@")) { return "IfNotPresent" }
        let last = image.pieces(between: "/").last ?? ""
        let tag = last.pieces(between: ":").dropFirst().last ?? "latest"
        return tag == "latest" ? "Always" : "IfNotPresent"
    }

    private static func probe(_ probe: inout JSON) {
        probe.fill("timeoutSeconds", 1)
        probe.fill("periodSeconds", 10)
        probe.fill("successThreshold", 1)
        probe.fill("failureThreshold", 3)
        probe.edit("httpGet", httpGet)
        probe.edit("grpc") { $0.fill("service", "") }
    }

    private static func httpGet(_ get: inout JSON) {
        get.fill("path", "/")
        get.fill("scheme", "HTTP")
    }

    private static func volume(_ volume: inout JSON) {
        for name in ["secret", "configMap", "downwardAPI", "projected"] {
            volume.edit(name) { source in
                source.fill("defaultMode", 420)
                source.editEach("items", item)
                source.editEach("sources") { source in
                    source.edit("serviceAccountToken") { $0.fill("expirationSeconds", 3600) }
                    source.edit("downwardAPI") { $0.editEach("items", item) }
                }
            }
        }
        volume.edit("hostPath") { $0.fill("type", "") }
        volume.edit("ephemeral") { source in
            source.edit("volumeClaimTemplate") {
                $0.edit("spec") { $0.fill("volumeMode", "Filesystem") }
            }
        }
        let sources = volume.object?.names.filter { $0 != "name" } ?? []
        if sources.isEmpty { volume["emptyDir"] = [:] }
    }

    private static func item(_ item: inout JSON) {
        item.edit("fieldRef") { $0.fill("apiVersion", "v1") }
        item.edit("resourceFieldRef") { $0.fill("divisor", "0") }
    }

    /// A limit without a request is its own request.
    private static func requestsFromLimits(_ resources: inout JSON) {
        guard let limits = resources["limits"]?.object, !limits.isEmpty else { return }
        resources.editOrMake("requests") { requests in
            for (name, amount) in limits { requests.fill(name, amount) }
        }
    }

    private static func account(_ spec: inout JSON) {
        spec.fill("serviceAccountName", "default")
        spec.fill("serviceAccount", spec["serviceAccountName"]!)
    }

    /// Every pod stays for five minutes on a node that has gone silent.
    private static func tolerations(_ spec: inout JSON) {
        var all = spec.list("tolerations")
        for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
            let isTolerated = all.contains { one in
                (one.isEmpty("key") || one.text("key") == key)
                    && (one.isEmpty("effect") || one.text("effect") == "NoExecute")
            }
            if isTolerated { continue }
            all.append([
                "key": .string(key), "operator": "Exists", "effect": "NoExecute",
                "tolerationSeconds": 300,
            ])
        }
        spec["tolerations"] = .array(all)
    }
}
