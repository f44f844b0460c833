import JSON
import Objects
import Testing

@testable import PodWork

@Suite struct PodFilesTests {
    private func pod(_ spec: JSON, in namespace: String = "shop") throws -> Pod {
        let tree: JSON = [
            "metadata": ["name": "web", "namespace": .string(namespace)], "spec": spec,
        ]
        return try tree.decode()
    }

    @Test func shortNamesAreLookedForInThePodsOwnNamespace() throws {
        let made = resolvConf(
            of: try pod(["containers": []]), clusterDNS: "10.96.0.10",
            node: "nameserver 192.0.2.1\n")
        #expect(
            made == "search shop.svc.cluster.local svc.cluster.local cluster.local\n"
                + "nameserver 10.96.0.10\noptions ndots:5\n")
    }

    @Test(arguments: [
        ("Default", false, "nameserver 192.0.2.1\n"),
        ("ClusterFirst", true, "nameserver 192.0.2.1\n"), ("None", false, ""),
    ])
    func otherPoliciesTakeTheNodesFileOrNone(_ policy: String, _ host: Bool, _ wanted: String)
        throws
    {
        let pod = try pod([
            "containers": [], "dnsPolicy": .string(policy), "hostNetwork": .bool(host),
        ])
        #expect(
            resolvConf(of: pod, clusterDNS: "10.96.0.10", node: "nameserver 192.0.2.1\n") == wanted)
    }

    @Test func whatThePodAsksForIsAddedOnce() throws {
        let config: JSON = [
            "nameservers": ["10.96.0.10", "192.0.2.9"], "searches": ["example.org"],
            "options": [["name": "ndots", "value": "2"], ["name": "edns0"]],
        ]
        let pod = try pod(["containers": [], "dnsConfig": config])
        let lines = resolvConf(of: pod, clusterDNS: "10.96.0.10", node: "").split(separator: "\n")
        #expect(
            lines.filter { $0.hasPrefix("nameserver") } == [
                "nameserver 10.96.0.10", "nameserver 192.0.2.9",
            ])
        #expect(
            lines[0].hasSuffix("cluster.local example.org") && lines.last == "options ndots:2 edns0"
        )
    }

    @Test func onlySettingsOfThePodsOwnNamespacesAreGiven() throws {
        func asked(_ name: String, host: Bool = false) throws -> [String: String] {
            let setting: JSON = ["name": .string(name), "value": "1"]
            return try sysctls(
                of: try pod([
                    "containers": [], "hostNetwork": .bool(host),
                    "securityContext": ["sysctls": [setting]],
                ]))
        }
        #expect(try asked("net.ipv4.tcp_syncookies") == ["net.ipv4.tcp_syncookies": "1"])
        for name in [
            "kernel.core_pattern", "vm.swappiness", "net.ipv4.ip_forward", "../../x",
            "kernel/core_pattern",
        ] {
            #expect(throws: ConfigError.self) { try asked(name) }
        }
        #expect(throws: ConfigError.self) { try asked("net.ipv4.tcp_syncookies", host: true) }
    }

    @Test func servicesAreFoundInTheEnvironment() throws {
        func service(
            _ namespace: String, _ name: String, _ address: String, _ port: Int,
            named: String? = nil
        ) -> Service {
            var service = Service(metadata: ObjectMeta(name: name, namespace: namespace))
            service.spec.clusterIP = address
            var one = ServicePort(port: port)
            one.name = named
            service.spec.ports = [one]
            return service
        }
        let all = [
            service("default", "kubernetes", "10.96.0.1", 443, named: "https"),
            service("shop", "redis-leader", "10.96.0.7", 6379),
            service("shop", "headless", "None", 1),
            service("other", "far", "10.96.0.9", 80),
        ]
        func variables(_ links: Bool) throws -> [String: String] {
            let pod = try pod(["containers": [], "enableServiceLinks": .bool(links)])
            return Dictionary(serviceVariables(all, for: pod).map { ($0.name, $0.value) }) { $1 }
        }
        let made = try variables(true)
        #expect(made["KUBERNETES_SERVICE_HOST"] == "10.96.0.1")
        #expect(
            made["KUBERNETES_SERVICE_PORT"] == "443"
                && made["KUBERNETES_SERVICE_PORT_HTTPS"] == "443")
        #expect(made["REDIS_LEADER_SERVICE_HOST"] == "10.96.0.7")
        #expect(made["REDIS_LEADER_PORT"] == "tcp://10.96.0.7:6379")
        #expect(made["REDIS_LEADER_PORT_6379_TCP_ADDR"] == "10.96.0.7")
        #expect(made["FAR_SERVICE_HOST"] == nil && made["HEADLESS_SERVICE_HOST"] == nil)
        #expect(try variables(false).keys.allSatisfy { $0.hasPrefix("KUBERNETES_") })
    }
}
