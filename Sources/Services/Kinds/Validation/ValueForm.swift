import JSON
import Objects

/// The forms that a table's `is=` can ask for.
public enum ValueForm: String, Sendable {
    case label, subdomain, qualified, labelValue, configKey, pathSegment
    case portName, endpointPortName, port, ip, header, envName, sysctl, resourceField
    case mode, amount, positive
    case absolute, relative, noBackstep, trimmed

    /// Kubernetes' own words for what is wrong; nil where nothing is.
    func complaint(_ value: JSON) -> String? {
        switch self {
        case .mode:
            (0...0o777).contains(value.int ?? -1)
                ? nil : "must be a number between 0 and 0777 (octal), both inclusive"
        case .amount:
            amount(value) < .zero ? "must be greater than or equal to 0" : nil
        case .positive: amount(value) > .zero ? nil : "must be positive"
        case .port: port(value)
        default: value.string.flatMap { $0.isEmpty ? nil : complaint(text: $0) }
        }
    }

    private func amount(_ value: JSON) -> Quantity { Quantity(value.string ?? "") ?? .zero }

    private func port(_ value: JSON) -> String? {
        if let name = value.string { return Names.portName(name) }
        return (1...65535).contains(value.int ?? 0)
            ? nil : "must be between 1 and 65535, inclusive"
    }

    private func complaint(text: String) -> String? {
        switch self {
        case .label, .endpointPortName: Names.label(text)
        case .subdomain: Names.subdomain(text)
        case .qualified: Names.qualified(text)
        case .labelValue: Names.labelValue(text)
        case .configKey: Names.configKey(text)
        case .pathSegment: Names.pathSegment(text)
        case .portName: Names.portName(text)
        case .ip:
            Names.isIPv4(text) || Names.isIPv6(text)
                ? nil : "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        case .header: Names.header(text)
        case .envName: Names.environment(text)
        case .sysctl: Names.sysctl(text)
        case .resourceField: Names.resourceField(text)
        case .absolute:
            text.utf8.first == UInt8(ascii: "/") ? nil : "must be an absolute path"
        case .relative:
            text.utf8.first == UInt8(ascii: "/") ? "must be a relative path" : backstep(text)
        case .noBackstep: backstep(text)
        case .trimmed:
            Self.isBlank(text.utf8.first) || Self.isBlank(text.utf8.last)
                ? "must not have leading or trailing whitespace" : nil
        case .mode, .amount, .positive, .port: nil
        }
    }

    private func backstep(_ path: String) -> String? {
        path.pieces(between: "/").contains { $0.utf8.elementsEqual("..".utf8) }
            ? "must not contain '..'" : nil
    }

    private static func isBlank(_ byte: UInt8?) -> Bool {
        byte == 0x20 || byte.map { (0x09...0x0D).contains($0) } == true
    }
}
