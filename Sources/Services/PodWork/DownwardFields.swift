import Linux
import Objects

/// A pod's field as an environment variable has it. Source: Kubernetes documentation, "Downward
/// API".
func fieldValue(_ path: String, _ pod: Pod, _ facts: ContainerFacts) throws(ConfigError) -> String {
    switch path {
    case "metadata.name": return pod.metadata.name
    case "metadata.namespace": return pod.metadata.namespace ?? ""
    case "metadata.uid": return pod.metadata.uid ?? ""
    case "spec.nodeName": return facts.nodeName
    case "spec.serviceAccountName": return pod.spec.account
    case "status.podIP", "status.podIPs": return facts.podIP
    case "status.hostIP", "status.hostIPs": return facts.hostIP
    default: break
    }
    for (prefix, map) in [
        ("metadata.labels['", pod.metadata.labels),
        ("metadata.annotations['", pod.metadata.annotations),
    ] where path.utf8.starts(with: prefix.utf8) && path.utf8.suffix(2).elementsEqual("']".utf8) {
        let key = String(path.utf8.dropFirst(prefix.utf8.count).dropLast(2)) ?? ""
        return map?[key] ?? ""
    }
    throw ConfigError("unsupported fieldPath: \(path)")
}

/// A pod's field as a file has it: there all labels, or all annotations, may stand together.
func fieldText(_ path: String, _ pod: Pod, _ facts: ContainerFacts) throws(ConfigError) -> String {
    switch path {
    case "metadata.labels": lines(pod.metadata.labels)
    case "metadata.annotations": lines(pod.metadata.annotations)
    default: try fieldValue(path, pod, facts)
    }
}

/// `rack="22"`, a line each, by their keys.
private func lines(_ map: [String: String]?) -> String {
    (map ?? [:]).sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        .map { "\($0.key)=\(quoted($0.value))" }.joined(separator: "\n")
}

/// As Go's `%q` writes a text: what stands in these files is read by programs that know it so.
func quoted(_ text: String) -> String {
    let short: [Unicode.Scalar: String] = [
        "\"": "\\\"", "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\u{7}": "\\a",
        "\u{8}": "\\b", "\u{B}": "\\v", "\u{C}": "\\f",
    ]
    func hexadecimal(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: width - digits.utf8.count) + digits
    }
    let letters = text.unicodeScalars.map { scalar -> String in
        if let known = short[scalar] { return known }
        switch scalar.value {
        case 0..<0x20, 0x7F: return "\\x" + hexadecimal(scalar.value, 2)
        case 0x80..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0xFEFF:
            return "\\u" + hexadecimal(scalar.value, 4)
        default: return String(scalar)
        }
    }
    return "\"" + letters.joined() + "\""
}

/// What a container asks for or may have, in units of the divisor and rounded up. A limit that it
/// doesn't have is the node's own. Worked example: limits.cpu 250m is 1 by itself and 250 by 1m.
func resourceValue(
    _ reference: ResourceFieldRef, of container: Container, _ facts: ContainerFacts
) throws(ConfigError) -> String {
    let parts = reference.resource.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1)
        .compactMap { String($0) }
    guard parts.count == 2, ["limits", "requests"].contains(parts[0]) else {
        throw ConfigError("unsupported container resource: \(reference.resource)")
    }
    let resources = container.resources
    let given = parts[0] == "limits" ? resources?.limits?[parts[1]] : resources?.requests?[parts[1]]
    let amount: Quantity
    switch (given, parts[0], parts[1]) {
    case (let given?, _, _): amount = given
    case (nil, "limits", "cpu"): amount = Quantity(thousandths: facts.nodeMillicores)
    case (nil, "limits", "memory"):
        amount = Quantity(thousandths: facts.nodeMemoryBytes.multipliedClamped(by: 1000))
    default: amount = .zero
    }
    let divisor = reference.divisor?.thousandths ?? 0
    let unit = divisor > 0 ? divisor : 1000
    let (whole, rest) = amount.thousandths.quotientAndRemainder(dividingBy: unit)
    return String(whole.addingClamped(rest > 0 ? 1 : 0))
}
