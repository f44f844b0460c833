import Linux

/// What makes bridged packets meet iptables' rules: the kernel's module `br_netfilter`.
///
/// Two pods of one node are ports of one bridge. Without it the answer of a Service's pod goes straight back over
/// the bridge, bears the pod's address instead of the Service's, and is thrown away. Debian has it as a module
/// that nothing loads by itself.
struct BridgeFilter {
    private static let settings = "/proc/sys/net/bridge"
    static let advice = "modprobe br_netfilter"

    static var isThere: Bool { Files.exists(settings) }

    /// Loads the module, where this user may.
    /// - Returns: whether it is there now.
    static func load() -> Bool {
        if isThere { return true }
        guard geteuid() == 0 else { return false }
        _ = try? capture("modprobe", ["modprobe", "br_netfilter"])
        guard isThere else { return false }
        // Every network namespace has the setting for itself, and it begins as 1. The host's own bridges
        // are none of the cluster's business.
        for family in ["iptables", "ip6tables", "arptables"] {
            try? Files.write("0", to: "\(settings)/bridge-nf-call-\(family)")
        }
        return true
    }
}
