/// Services as nftables(8) can have them: not a list that is gone through, but maps, where one look
/// finds the verdict.
///
/// A packet takes three looks: its address and port in `services`; a random number in that chain's
/// `endpoints`; the endpoint's `destinations`. So it is with one Service and with ten thousand.
///
/// Source: k8s.io/kubernetes pkg/proxy/nftables/proxier.go; nft(8), MAPS and VERDICT MAPS.
public struct VerdictMaps: Codable, Hashable, Sendable {
    /// `10.96.0.10 . tcp . 80` to the KUBE-SVC chain.
    public var services: [String: String] = [:]
    /// KUBE-SVC chain to its KUBE-SEP chains: one is drawn, all as likely.
    public var endpoints: [String: [String]] = [:]
    /// KUBE-SEP chain to `10.244.1.2:8080`.
    public var destinations: [String: String] = [:]

    public init() {}

    /// The text for `nft -f`.
    public var text: String {
        var lines = ["table ip drydock {"]
        func chain(_ name: String, _ rules: String...) {
            lines += ["  chain \(name) {"] + rules.map { "    \($0)" } + ["  }"]
        }
        for name in destinations.keys.sorted() {
            chain(name, "ip protocol { tcp, udp } dnat to \(destinations[name] ?? "")")
        }
        for name in endpoints.keys.sorted() {
            let numbered = (endpoints[name] ?? []).enumerated().map { "\($0) : goto \($1)" }
            let count = numbered.count
            chain(name, "numgen random mod \(count) vmap { \(numbered.joined(separator: ", ")) }")
        }
        lines += [
            "  map service-ips {", "    type ipv4_addr . inet_proto . inet_service : verdict",
        ]
        let elements = services.keys.sorted().map { "\($0) : goto \(services[$0] ?? "")" }
        if !elements.isEmpty {
            lines.append("    elements = { \(elements.joined(separator: ", ")) }")
        }
        lines.append("  }")
        for (name, hook) in [("prerouting", "prerouting"), ("output", "output")] {
            chain(
                name, "type nat hook \(hook) priority -100",
                "ip daddr . meta l4proto . th dport vmap @service-ips")
        }
        return (lines + ["}", ""]).joined(separator: "\n")
    }
}
