import JSON

// The kinds of the core group: names, what may be done, and what the server does about them by itself. What a kind
// fills in, checks and prints is in Defaults/, Validation/ and Printing/, its fields are in Tables/.

extension Kind {
    static let configMap = Kind("v1", "ConfigMap", "configmaps").short("cm")
        .checked(by: .configMap).printed(by: .configMap)

    static let endpoints = Kind("v1", "Endpoints", "endpoints").short("ep").singular("endpoints")
        .createdByUpdates().printed(by: .endpoints)

    static let event = Kind("v1", "Event", "events").short("ev").createdByUpdates()
        .selectable(
            by: "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
            "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
            "reportingComponent", "source.component", "type"
        )
        .filled(by: Defaults.event).checked(by: .event).printed(by: .event)

    public static let namespace = Kind("v1", "Namespace", "namespaces").clusterWide().short("ns")
        .verbs(Kind.everyVerb.filter { $0 != "deletecollection" })
        .withStatus().with("finalize", ["update"])
        .named(.label).selectable(by: "status.phase")
        .filled(by: Defaults.namespace).started(by: Defaults.startNamespace)
        // Its finalizers are in the spec, and only `finalize` writes them.
        .keeping { old, new in new["spec"] = old["spec"] }
        .held { !($0.at("spec", "finalizers")?.array ?? []).isEmpty }
        .terminating { $0.editOrMake("status") { $0["phase"] = "Terminating" } }
        .printed(by: .namespace)

    public static let node = Kind("v1", "Node", "nodes").clusterWide().short("no").withStatus()
        .selectable(by: "spec.unschedulable").checked(by: .node).printed(by: .node)

    static let persistentVolumeClaim = Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims").short("pvc")
        .withoutController().withStatus()
        .filled(by: Defaults.persistentVolumeClaim).started(by: { $0["status"] = ["phase": "Pending"] })
        .printed(by: .persistentVolumeClaim)

    public static let pod = Kind("v1", "Pod", "pods").short("po").categories("all").withStatus()
        .with("binding", ["create"], "v1", "Binding")
        .with("eviction", ["create"], "policy/v1", "Eviction")
        .with("log", ["get"])
        .selectable(
            by: "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
            "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"
        )
        .countingGenerations().filled(by: Defaults.pod).started(by: Defaults.startPod).checked(by: .pod)
        .keepingForStatus("ownerReferences").ending(after: PodEnd.gracePeriodSeconds)
        .printed(by: .pod)

    public static let secret = Kind("v1", "Secret", "secrets").selectable(by: "type")
        .filled(by: Defaults.secret).checked(by: .secret).printed(by: .secret)

    static let service = Kind("v1", "Service", "services").short("svc").categories("all").withStatus()
        .createdByUpdates().named(.label1035).selectable(by: "spec.clusterIP", "spec.type")
        .filled(by: Defaults.service).started(by: { $0["status"] = ["loadBalancer": [:]] })
        .checked(by: .service).keeping(ServiceUpdate.carryOver).claimingAddresses()
        .printed(by: .service)

    static let serviceAccount = Kind("v1", "ServiceAccount", "serviceaccounts").short("sa")
        .with("token", ["create"], "authentication.k8s.io/v1", "TokenRequest")
        .printed(by: .serviceAccount)
}

/// Only pods on a node need time to end; what nobody runs goes at once.
private enum PodEnd {
    @Sendable static func gracePeriodSeconds(_ pod: JSON) -> Int? {
        let isPlaced = !(pod["spec"]?.isEmpty("nodeName") ?? true)
        let isOver = ["Succeeded", "Failed"].contains(pod.at("status", "phase")?.string ?? "")
        guard isPlaced, !isOver else { return nil }
        return pod.at("spec", "terminationGracePeriodSeconds")?.int ?? 30
    }
}
