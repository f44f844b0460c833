import Objects
import PodRuntime

/// What a container's environment may refer to.
public struct ContainerFacts: Sendable {
    public var nodeName: String
    public var hostIP: String
    public var podIP: String
    /// Data of ConfigMaps and Secrets that the pod mentions, by name.
    public var configMaps: [String: [String: String]] = [:]
    public var secrets: [String: [String: String]] = [:]

    public init(nodeName: String, hostIP: String, podIP: String) {
        (self.nodeName, self.hostIP, self.podIP) = (nodeName, hostIP, podIP)
    }
}

/// The pod names something that is not there: `CreateContainerConfigError`.
public struct ConfigError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// A container's environment: the image's first, then whole ConfigMaps and Secrets (`envFrom`), then the pod's
/// own, which may use what came before as `$(NAME)`.
public func environment(
    of container: Container, in pod: Pod, image: [String], facts: ContainerFacts
) throws(ConfigError) -> [String] {
    var values: [String: String] = [:]
    var order: [String] = []
    func set(_ name: String, _ value: String) {
        if values.updateValue(value, forKey: name) == nil { order.append(name) }
    }
    set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    set("HOSTNAME", pod.spec.hostname ?? pod.metadata.name)
    for pair in image {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        set(String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
    }
    for source in container.envFrom ?? [] {
        for (key, text) in try data(of: source, facts).sorted(by: { $0.key < $1.key }) {
            let name = (source.prefix ?? "") + key
            if isVariableName(name) { set(name, text) }
        }
    }
    for variable in container.env ?? [] {
        if let source = variable.valueFrom {
            if let value = try value(of: source, pod, facts) { set(variable.name, value) }
        } else {
            set(variable.name, expand(variable.value ?? "", values))
        }
    }
    return order.map { "\($0)=\(values[$0]!)" }
}

private func data(
    of source: EnvFromSource, _ facts: ContainerFacts
) throws(ConfigError) -> [String: String] {
    for (reference, maps, kind) in [
        (source.configMapRef, facts.configMaps, "configmap"),
        (source.secretRef, facts.secrets, "secret"),
    ] {
        guard let reference else { continue }
        if let data = maps[reference.name] { return data }
        if reference.optional == true { return [:] }
        throw ConfigError("\(kind) \"\(reference.name)\" not found")
    }
    return [:]
}

/// Keys that make no variable are passed over. Source: Kubernetes API, "EnvFromSource".
private func isVariableName(_ name: String) -> Bool {
    guard let first = name.first, !first.isNumber else { return false }
    return name.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}

private func value(
    of source: EnvVar.Source, _ pod: Pod, _ facts: ContainerFacts
) throws(ConfigError) -> String? {
    if let field = source.fieldRef { return try fieldValue(field.fieldPath, pod, facts) }
    if let key = source.configMapKeyRef {
        return try keyValue(key, in: facts.configMaps, kind: "configmap", of: pod)
    }
    if let key = source.secretKeyRef {
        return try keyValue(key, in: facts.secrets, kind: "secret", of: pod)
    }
    return nil
}

private func keyValue(
    _ reference: EnvVar.KeyRef, in maps: [String: [String: String]], kind: String, of pod: Pod
) throws(ConfigError) -> String? {
    if let value = maps[reference.name]?[reference.key] { return value }
    if reference.optional == true { return nil }
    let namespace = pod.metadata.namespace ?? "default"
    guard maps[reference.name] != nil else {
        throw ConfigError("\(kind) \"\(reference.name)\" not found")
    }
    throw ConfigError(
        "couldn't find key \(reference.key) in \(kind == "secret" ? "Secret" : "ConfigMap") "
            + "\(namespace)/\(reference.name)")
}

/// Source: Kubernetes documentation, "Downward API".
func fieldValue(_ path: String, _ pod: Pod, _ facts: ContainerFacts) throws(ConfigError) -> String {
    switch path {
    case "metadata.name": return pod.metadata.name
    case "metadata.namespace": return pod.metadata.namespace ?? ""
    case "metadata.uid": return pod.metadata.uid ?? ""
    case "spec.nodeName": return facts.nodeName
    case "spec.serviceAccountName": return pod.spec.serviceAccountName ?? "default"
    case "status.podIP", "status.podIPs": return facts.podIP
    case "status.hostIP", "status.hostIPs": return facts.hostIP
    default: break
    }
    for (prefix, map) in [
        ("metadata.labels['", pod.metadata.labels),
        ("metadata.annotations['", pod.metadata.annotations),
    ] where path.hasPrefix(prefix) && path.hasSuffix("']") {
        return map?[String(path.dropFirst(prefix.count).dropLast(2))] ?? ""
    }
    throw ConfigError("unsupported fieldPath: \(path)")
}

/// Replaces `$(NAME)` where the name is known; `$$` is a dollar sign.
public func expand(_ text: String, _ values: [String: String]) -> String {
    var out = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
        out += rest[..<dollar]
        rest = rest[rest.index(after: dollar)...]
        if rest.first == "$" {
            out += "$"
            rest = rest.dropFirst()
        } else if rest.first == "(", let end = rest.firstIndex(of: ")") {
            let name = String(rest[rest.index(after: rest.startIndex)..<end])
            out += values[name] ?? "$(\(name))"
            rest = rest[rest.index(after: end)...]
        } else {
            out += "$"
        }
    }
    return out + rest
}

/// The command line by Docker's rule as Kubernetes has it: `command` replaces the image's
/// entrypoint *and* its arguments, `args` only the arguments.
public func commandLine(_ container: Container, image: ImageStatus, _ environment: [String])
    -> [String]
{
    var values: [String: String] = [:]
    for pair in environment {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        values[String(parts[0])] = String(parts.last ?? "")
    }
    let command = (container.command ?? []).map { expand($0, values) }
    let arguments = (container.args ?? []).map { expand($0, values) }
    if !command.isEmpty { return command + arguments }
    return image.entrypoint + (arguments.isEmpty ? image.command : arguments)
}

/// Requests and limits in the kernel's units. 1 CPU is 1024 shares, and 100 ms of each 100 ms.
public func linuxResources(_ container: Container, qos: String, nodeMemoryBytes: Int)
    -> LinuxResources
{
    let (requests, limits) = (container.resources?.requests, container.resources?.limits)
    var resources = LinuxResources()
    let cpuRequest = (requests?["cpu"] ?? limits?["cpu"])?.thousandths ?? 0
    resources.cpuShares = max(2, cpuRequest * 1024 / 1000)
    if let cpu = limits?["cpu"]?.thousandths, cpu > 0 {
        resources.cpuPeriod = 100_000
        // The kernel takes no quota below a millisecond.
        resources.cpuQuota = max(1000, cpu * 100)
    }
    if let memory = limits?["memory"]?.units, memory > 0 { resources.memoryLimitBytes = memory }
    resources.oomScoreAdjustment = oomScore(
        qos: qos, memoryRequest: requests?["memory"]?.units ?? 0, nodeMemoryBytes)
    return resources
}

/// Who asked for much memory is killed late. Source: Kubernetes documentation, "Node-pressure
/// Eviction".
func oomScore(qos: String, memoryRequest: Int, _ nodeMemoryBytes: Int) -> Int {
    switch qos {
    case "Guaranteed": return -997
    case "BestEffort": return 1000
    default:
        let score = 1000 - 1000 * memoryRequest / max(1, nodeMemoryBytes)
        return min(max(3, score), 999)
    }
}
