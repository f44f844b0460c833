import Linux
import Testing

/// `dnat` as a whole: a real API server over a real etcd, stock kubectl, and the kernel's rules in
/// a network namespace of the test's own.
@Suite(.serialized, .enabled(if: canRun, "needs root, etcd, kubectl and iptables"))
struct ProxyTests {
    private static let web = """
        {"apiVersion":"v1","kind":"List","items":[
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},
         "spec":{"clusterIP":"10.96.0.10","ports":[{"name":"http","port":80}]}},
        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
         "metadata":{"name":"web-1","labels":{"kubernetes.io/service-name":"web"}},
         "endpoints":[{"addresses":["10.244.1.2"]},{"addresses":["10.244.1.3"]}],
         "ports":[{"name":"http","port":8080}]}]}
        """

    /// Runs commands beside the cluster; what they printed, line by line, and the proxy's log.
    private func run(_ commands: String) throws -> (lines: [Substring], log: String) {
        let state = "/tmp/drydock-proxy.\(getpid())"
        try Files.makeDirectories(state)
        defer { try? Files.removeTree(state) }
        try Files.write(Self.web, to: "\(state)/web.json")
        let script = #filePath.replacing("ProxyTests.swift", with: "cluster.sh")
        let result = try capture(
            "unshare",
            [
                "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
                "sh", script, programs, state, commands,
            ])
        #expect(result.ending.succeeded, "\(String(decoding: result.errors, as: UTF8.self))")
        let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        return (lines, try Files.readText("\(state)/proxy.log"))
    }

    @Test func rulesFollowTheServicesAndForeignRulesStay() throws {
        // With only the Service "kubernetes": 8 jumps and 14 rules.
        let result = try run(
            """
            rules 22
            kubectl apply --validate=false -f $state/web.json >/dev/null
            rules 30
            iptables -t nat -A POSTROUTING -s 192.0.2.1 -j MASQUERADE
            kubectl delete service web >/dev/null
            rules 23
            iptables-save | grep -c 192.0.2.1
            $programs/dnat clean
            iptables-save | grep -c -- '-A'
            """)
        #expect(result.lines == ["22", "30", "23", "1", "1"], "\(result.log)")
    }

    @Test func rulesThatWereThereBeforeTheProxyAreBroughtUpToDate() throws {
        let result = try run(
            """
            rules 22
            kill $proxy; wait $proxy || true
            iptables -t nat -N KUBE-SVC-OLD
            iptables -t nat -A KUBE-SERVICES -d 10.96.9.9 -j KUBE-SVC-OLD
            iptables -t nat -N MINE
            $programs/dnat proxy --kubeconfig $state/pki/kube-proxy.kubeconfig --node-name node-1 --pod-cidr 10.244.0.0/16 >$state/proxy.log 2>&1 &
            proxy=$!
            rules 22
            iptables-save | grep -c KUBE-SVC-OLD || true
            iptables-save | grep -c MINE
            """)
        #expect(result.lines == ["22", "22", "0", "1"], "\(result.log)")
    }
}

private let canRun =
    geteuid() == 0 && ["/usr/bin/etcd", "/usr/sbin/iptables-restore"].allSatisfy(Files.exists)

/// Where the build put the package's programs: beside the test's own bundle.
private var programs: String {
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
    return "/" + bundle.split(separator: "/").dropLast().joined(separator: "/")
}
