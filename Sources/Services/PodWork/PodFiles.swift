import Objects

/// A pod's /etc/resolv.conf.
///
/// With `ClusterFirst` short names are looked for in the pod's own namespace, then in the cluster;
/// `Default` is the node's own file, and `None` only what `dnsConfig` says. Source: Kubernetes
/// documentation, "DNS for Services and Pods".
public func resolvConf(of pod: Pod, clusterDNS: String, node: String) -> String {
    var file = ResolverFile()
    switch pod.spec.dnsPolicy ?? "ClusterFirst" {
    case "None": break
    case "ClusterFirst" where pod.spec.hostNetwork != true, "ClusterFirstWithHostNet":
        let domain = "cluster.local"
        file.nameservers = [clusterDNS]
        file.searches = [
            "\(pod.metadata.namespace ?? "default").svc.\(domain)", "svc.\(domain)", domain,
        ]
        file.options = [("ndots", "5")]
    default: file = ResolverFile(node)
    }
    if let more = pod.spec.dnsConfig { file.add(more) }
    return file.text
}

/// resolv.conf(5), as far as pods have it.
private struct ResolverFile {
    var nameservers: [String] = []
    var searches: [String] = []
    var options: [(name: String, value: String?)] = []

    init() {}

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case "nameserver": nameservers += words.dropFirst()
            case "search": searches = Array(words.dropFirst())
            case "options": options += words.dropFirst().map { ($0, nil) }
            default: break
            }
        }
    }

    mutating func add(_ config: PodSpec.DNSConfig) {
        nameservers = unique(nameservers + (config.nameservers ?? []))
        searches = unique(searches + (config.searches ?? []))
        for option in config.options ?? [] {
            guard let name = option.name else { continue }
            options.removeAll { $0.name == name }
            options.append((name, option.value))
        }
    }

    private func unique(_ words: [String]) -> [String] {
        words.indices.filter { !words[..<$0].contains(words[$0]) }.map { words[$0] }
    }

    var text: String {
        var lines = searches.isEmpty ? [] : ["search " + searches.joined(separator: " ")]
        lines += nameservers.map { "nameserver \($0)" }
        let words = options.map { name, value in value.map { "\(name):\($0)" } ?? name }
        if !words.isEmpty { lines.append("options " + words.joined(separator: " ")) }
        return lines.map { $0 + "\n" }.joined()
    }
}

/// What `hostAliases` adds to a pod's /etc/hosts.
public func hostLines(of pod: Pod) -> String {
    let aliases = pod.spec.hostAliases ?? []
    if aliases.isEmpty { return "" }
    let lines = aliases.map {
        ([$0.ip ?? ""] + ($0.hostnames ?? [])).joined(separator: "\t") + "\n"
    }
    return "\n# Entries added by HostAliases.\n" + lines.joined()
}

/// The kernel settings that a pod may have: those that its own namespaces keep from everybody else.
/// Source: Kubernetes documentation, "Using sysctls in a Kubernetes Cluster".
public func sysctls(of pod: Pod) throws(ConfigError) -> [String: String] {
    let safe: Set = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem",
    ]
    var all: [String: String] = [:]
    for sysctl in pod.spec.securityContext?.sysctls ?? [] {
        let name = sysctl.name.replacing("/", with: ".")
        guard safe.contains(name) else {
            throw ConfigError("forbidden sysctl: \"\(sysctl.name)\" not allowlisted")
        }
        let isShared = name.utf8.starts(with: "net.".utf8) ? pod.spec.hostNetwork : pod.spec.hostIPC
        if isShared == true {
            throw ConfigError(
                "forbidden sysctl: \"\(sysctl.name)\" not allowed with host namespaces")
        }
        all[name] = sysctl.value
    }
    return all
}
