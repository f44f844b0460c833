import Objects

/// The variables by which a container finds the Services of its namespace, in the form that
/// Docker's links had, and always the API server: `KUBERNETES_SERVICE_HOST`.
///
/// Worked example: `redis-leader` at 10.96.0.7 with port 6379 is
/// `REDIS_LEADER_SERVICE_HOST=10.96.0.7`, `REDIS_LEADER_SERVICE_PORT=6379`,
/// `REDIS_LEADER_PORT=tcp://10.96.0.7:6379` and, for each port,
/// `REDIS_LEADER_PORT_6379_TCP=tcp://10.96.0.7:6379` with `_PROTO`, `_PORT` and `_ADDR` behind it.
/// Source: k8s.io/kubernetes pkg/kubelet/envvars; Kubernetes documentation, "Service", environment
/// variables.
public func serviceVariables(
    _ services: [Service], for pod: Pod
) -> [(name: String, value: String)] {
    let namespace = pod.metadata.namespace ?? "default"
    let wantsAll = pod.spec.enableServiceLinks ?? true
    func isServer(_ service: Service) -> Bool {
        service.metadata.namespace == "default" && service.metadata.name == "kubernetes"
    }
    func isWanted(_ service: Service) -> Bool {
        isServer(service) || (wantsAll && service.metadata.namespace == namespace)
    }
    // A Service of the pod's own namespace goes before the server's, as the later of one name
    // counts.
    let wanted = services.filter(isWanted).sorted {
        (isServer($0) ? 0 : 1, $0.metadata.name) < (isServer($1) ? 0 : 1, $1.metadata.name)
    }
    return wanted.flatMap(variables)
}

private func variables(of service: Service) -> [(name: String, value: String)] {
    guard let address = service.spec.clusterIP, !address.isEmpty, address != "None",
        let ports = service.spec.ports, let first = ports.first
    else { return [] }
    func url(_ port: ServicePort) -> String { "\(transport(port))://\(address):\(port.port)" }
    func transport(_ port: ServicePort) -> String { (port.protocol ?? "TCP").lowercased() }
    let name = variableName(service.metadata.name)
    var all = [("\(name)_SERVICE_HOST", address), ("\(name)_SERVICE_PORT", "\(first.port)")]
    all += ports.compactMap { port in
        port.name.flatMap {
            $0.isEmpty ? nil : ("\(name)_SERVICE_PORT_\(variableName($0))", "\(port.port)")
        }
    }
    all.append(("\(name)_PORT", url(first)))
    for port in ports {
        let prefix = "\(name)_PORT_\(port.port)_\(transport(port).uppercased())"
        all += [
            (prefix, url(port)), ("\(prefix)_PROTO", transport(port)),
            ("\(prefix)_PORT", "\(port.port)"),
            ("\(prefix)_ADDR", address),
        ]
    }
    return all
}

private func variableName(_ name: String) -> String {
    name.uppercased().replacing("-", with: "_")
}
