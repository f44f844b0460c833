import Linux
import Objects
import PodRuntime

/// What a container's environment and a pod's volumes may refer to.
public struct ContainerFacts: Sendable {
    public var nodeName: String
    public var hostIP: String
    public var podIP: String
    /// Data of ConfigMaps and Secrets that the pod mentions, by name. Bytes: not all of it is text.
    public var configMaps: [String: [String: [UInt8]]] = [:]
    public var secrets: [String: [String: [UInt8]]] = [:]
    /// Tokens of the pod's service account that its volumes ask for.
    public var tokens: [TokenRequest: String] = [:]
    public var claims: [String: ClaimFacts] = [:]
    /// From `serviceVariables`.
    public var services: [(name: String, value: String)] = []
    /// What a container may have that has no limit.
    public var nodeMillicores = 0
    public var nodeMemoryBytes = 0

    public init(nodeName: String, hostIP: String, podIP: String) {
        (self.nodeName, self.hostIP, self.podIP) = (nodeName, hostIP, podIP)
    }
}

/// The pod names something that is not there: `CreateContainerConfigError`.
public struct ConfigError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// A container's environment: the image's first, then the Services' addresses, then whole ConfigMaps and Secrets (`envFrom`), then the pod's
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
        let parts = pair.utf8.split(
            separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        set(String(parts[0]) ?? "", parts.count == 2 ? String(parts[1]) ?? "" : "")
    }
    for service in facts.services { set(service.name, service.value) }
    for source in container.envFrom ?? [] {
        for (key, bytes) in try data(of: source, facts).sorted(by: { $0.key < $1.key }) {
            let name = (source.prefix ?? "") + key
            if isVariableName(name) { set(name, try text(bytes, of: key)) }
        }
    }
    for variable in container.env ?? [] {
        if let source = variable.valueFrom {
            let value = try value(of: source, of: container, pod, facts)
            if let value { set(variable.name, value) }
        } else {
            set(variable.name, expand(variable.value ?? "", values))
        }
    }
    return order.map { "\($0)=\(values[$0]!)" }
}

private func data(
    of source: EnvFromSource, _ facts: ContainerFacts
) throws(ConfigError) -> [String: [UInt8]] {
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
    guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
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
    of source: EnvVar.Source, of container: Container, _ pod: Pod, _ facts: ContainerFacts
) throws(ConfigError) -> String? {
    if let resource = source.resourceFieldRef {
        let other = resource.containerName.map { name in
            pod.spec.everyContainer.first { $0.name == name }
        }
        return try resourceValue(resource, of: (other ?? container) ?? container, facts)
    }
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
    _ reference: EnvVar.KeyRef, in maps: [String: [String: [UInt8]]], kind: String, of pod: Pod
) throws(ConfigError) -> String? {
    if let bytes = maps[reference.name]?[reference.key] {
        return try text(bytes, of: reference.key)
    }
    if reference.optional == true { return nil }
    let namespace = pod.metadata.namespace ?? "default"
    guard maps[reference.name] != nil else {
        throw ConfigError("\(kind) \"\(reference.name)\" not found")
    }
    throw ConfigError(
        "couldn't find key \(reference.key) in \(kind == "secret" ? "Secret" : "ConfigMap") "
            + "\(namespace)/\(reference.name)")
}

/// A variable is text without zeros; anything else would be cut or changed on the way.
private func text(_ bytes: [UInt8], of key: String) throws(ConfigError) -> String {
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
        throw ConfigError("key \(key) is no text: only a volume can have it")
    }
    return text
}

/// Replaces `$(NAME)` where the name is known; `$$` is a dollar sign.
public func expand(_ text: String, _ values: [String: String]) -> String {
    var out: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
        out += rest[..<dollar]
        rest = rest[(dollar + 1)...]
        if rest.first == UInt8(ascii: "$") {
            out.append(UInt8(ascii: "$"))
            rest = rest.dropFirst()
        } else if rest.first == UInt8(ascii: "("), let end = rest.firstIndex(of: UInt8(ascii: ")"))
        {
            let name = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
            out += (values[name] ?? "$(\(name))").utf8
            rest = rest[(end + 1)...]
        } else {
            out.append(UInt8(ascii: "$"))
        }
    }
    return String(decoding: out + rest, as: UTF8.self)
}

/// `subPathExpr`: like `expand`, but a name that isn't known is an error, since the directory would be another.
public func expandPath(_ text: String, _ environment: [String]) throws(ConfigError) -> String {
    let expanded = expand(text, variables(environment))
    if expanded.utf8.contains(UInt8(ascii: "$")) {
        throw ConfigError("missing value in subPathExpr \(text)")
    }
    return expanded
}

private func variables(_ environment: [String]) -> [String: String] {
    var values: [String: String] = [:]
    for pair in environment {
        let parts = pair.utf8.split(
            separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        values[String(parts[0]) ?? ""] = String(parts.last ?? parts[0]) ?? ""
    }
    return values
}

/// The command line by Docker's rule as Kubernetes has it: `command` replaces the image's
/// entrypoint *and* its arguments, `args` only the arguments.
public func commandLine(_ container: Container, image: ImageStatus, _ environment: [String])
    -> [String]
{
    let values = variables(environment)
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
    resources.cpuShares = min(max(2, cpuRequest.multipliedClamped(by: 1024) / 1000), 262_144)
    if let cpu = limits?["cpu"]?.thousandths, cpu > 0 {
        resources.cpuPeriod = 100_000
        // The kernel takes no quota below a millisecond.
        resources.cpuQuota = max(1000, cpu.multipliedClamped(by: 100))
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
        let score = 1000 - memoryRequest.multipliedClamped(by: 1000) / max(1, nodeMemoryBytes)
        return min(max(3, score), 999)
    }
}
