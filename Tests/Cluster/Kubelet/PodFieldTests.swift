import Linux
import Testing

/// Fields of a pod, seen from inside it.
@Suite(.enabled(if: World.whyNot == nil, "\(World.whyNot ?? "")"), .serialized)
struct PodFieldTests {
    /// What the pod's container printed until it said `end`.
    private func output(
        _ pod: String, before: String = "", container: String = "c", after: String = ""
    ) async throws -> String {
        try await World.run(
            """
            \(before)
            pod p '\(pod)'
            kubelet & K=$!
            for i in $(seq 150); do
                ask "containerLogs/default/p-node-1/\(container)" > said; grep -qx end said && break; sleep 0.1
            done
            cat said
            \(after)
            cat kubelet.log
            """)
    }

    /// CVE-2017-1002101, as a pod would do it.
    @Test func aLinkInAVolumeLeadsNobodyOutOfIt() async throws {
        let said = try await output(
            """
            {"restartPolicy":"Never","volumes":[{"name":"v","emptyDir":{}}],
            "initContainers":[{"name":"plant","image":"drydock/busybox","command":["ln","-s","/","/v/link"],
            "volumeMounts":[{"name":"v","mountPath":"/v"}]}],
            "containers":[{"name":"c","image":"drydock/busybox","command":["sh","-c","ls /look; echo end"],
            "volumeMounts":[{"name":"v","mountPath":"/look","subPath":"link"}]}]}
            """)
        #expect(said.contains("subPath link leads out of its volume"), "\(said)")
        #expect(!said.split(separator: "\n").contains("etc"), "\(said)")
    }

    @Test func volumesMadeOfThePodsFieldsAreThereAndNobodysToChange() async throws {
        let said = try await output(
            """
            {"volumes":[{"name":"v","projected":{"sources":[{"downwardAPI":{"items":[
            {"path":"a/name","fieldRef":{"fieldPath":"metadata.name"}}]}}]}},{"name":"e","emptyDir":{}}],
            "containers":[{"name":"c","image":"drydock/busybox","env":[{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
            "command":["sh","-c","cat /v/a/name; echo; echo x > /v/a/name || echo refused; ls /all; echo end; exec sleep 1000"],
            "volumeMounts":[{"name":"v","mountPath":"/v"},{"name":"e","mountPath":"/part","subPathExpr":"$(N)"},{"name":"e","mountPath":"/all"}]}]}
            """, after: "mount | grep -c 'tmpfs.*volumes/v '; ls state/pods/*/subpaths")
        #expect(said.ranges(of: "p-node-1\n").count >= 2 && said.contains("refused"), "\(said)")
        #expect(said.split(separator: "\n").contains("1"), "in memory: \(said)")
    }

    @Test func whatAPodMayNotHaveIsNotReplacedByAnEmptyDirectory() async throws {
        for (source, words) in [
            ("\"nfs\":{\"server\":\"x\",\"path\":\"/\"}", "volumes of kind nfs are not supported"),
            (
                "\"persistentVolumeClaim\":{\"claimName\":\"data\"}",
                "persistentvolumeclaim \"data\" not found"
            ),
        ] {
            let said = try await World.run(
                """
                pod p '{"volumes":[{"name":"v",\(source)}],"containers":[{"name":"c","image":"drydock/busybox","command":["sleep","9"]}]}'
                kubelet & K=$!
                for i in $(seq 50); do grep -q FailedMount kubelet.log && break; sleep 0.1; done
                sleep 1; cat kubelet.log; echo sandboxes $(ls state/sandboxes | wc -l)
                """)
            #expect(
                said.contains("FailedMount: MountVolume.SetUp failed for volume \"v\": \(words)"),
                "\(said)")
            #expect(said.contains("sandboxes 0"), "\(said)")
        }
    }

    @Test func namesAndSettingsAndProcessesAreThePods() async throws {
        let said = try await output(
            """
            {"hostAliases":[{"ip":"10.1.2.3","hostnames":["foo.remote","bar.remote"]}],"shareProcessNamespace":true,
            "securityContext":{"sysctls":[{"name":"net.ipv4.ip_local_port_range","value":"40000 40100"}],
            "fsGroup":2000,"runAsUser":1000,"runAsGroup":3000},"volumes":[{"name":"v","emptyDir":{}}],
            "containers":[{"name":"one","image":"drydock/busybox","command":["sleep","4711"]},
            {"name":"c","image":"drydock/busybox","volumeMounts":[{"name":"v","mountPath":"/v"}],"command":["sh","-c",
            "sleep 1; cat /etc/hosts /proc/sys/net/ipv4/ip_local_port_range; ps; touch /v/f; ls -ldn /v /v/f; echo end; exec sleep 1000"]}]}
            """)
        #expect(said.contains("10.1.2.3\tfoo.remote\tbar.remote"), "\(said)")
        #expect(said.contains("40000\t40100"), "\(said)")
        #expect(said.contains("sleep 4711"), "\(said)")
        let owned = said.split(separator: "\n").filter {
            $0.contains(" 2000 ") && $0.contains("/v")
        }
        #expect(owned.count == 2, "\(said)")
    }

    @Test func nothingOfAPodsProcessesIsLeftWhenItsNamespaceIsShared() async throws {
        let said = try await World.run(
            """
            pod p '{"shareProcessNamespace":true,"restartPolicy":"Never","containers":[
                {"name":"c","image":"drydock/busybox","command":["sh","-c","sleep 4711 & exit 0"]}]}'
            kubelet & K=$!
            for i in $(seq 100); do [ -n "$(ls state/exits 2>/dev/null)" ] && break; sleep 0.1; done
            sleep 2
            echo left $(ps ax -o args | grep -c '^sleep 4711') $(ps ax -o args | grep -c '[s]him pin')
            cat kubelet.log
            """)
        #expect(said.contains("left 0 0"), "\(said)")
    }

    @Test func aSidecarRunsBesideTheWorkAndEndsAfterIt() async throws {
        let said = try await output(
            """
            {"restartPolicy":"Never","terminationGracePeriodSeconds":1,"volumes":[{"name":"d","emptyDir":{}}],
            "initContainers":[{"name":"s","image":"drydock/busybox","restartPolicy":"Always",
            "command":["sh","-c","touch /d/up; exec sleep 4711"],"startupProbe":{"exec":{"command":["cat","/d/up"]},"periodSeconds":1},
            "volumeMounts":[{"name":"d","mountPath":"/d"}]}],
            "containers":[{"name":"c","image":"drydock/busybox","command":["sh","-c","ls /d; echo end"],
            "volumeMounts":[{"name":"d","mountPath":"/d"}]}]}
            """, after: "sleep 4; echo left $(ps ax -o args | grep -c '^sleep 4711')")
        #expect(said.contains("up\nend"), "\(said)")
        #expect(said.contains("left 0") && said.contains("Stopping container s"), "\(said)")
    }

    /// etcd answers by the health protocol of gRPC.
    @Test(.enabled(if: Files.exists("/usr/bin/etcd"), "etcd is not installed"))
    func aProbeByGRPCAsksWhoListens() async throws {
        let said = try await World.run(
            """
            etcd --data-dir etcd --listen-client-urls http://10.88.0.11:2379 --advertise-client-urls http://10.88.0.11:2379 \
                --listen-peer-urls http://127.0.0.1:2380 > etcd.log 2>&1 &
            for i in $(seq 200); do curl -s -m 1 http://10.88.0.11:2379/version > /dev/null && break; sleep 0.1; done
            for port in 2379 2399; do
                pod p$port '{"hostNetwork":true,"containers":[{"name":"c","image":"drydock/busybox","command":["sleep","1000"],
                    "readinessProbe":{"grpc":{"port":'$port'},"periodSeconds":1}}]}'
            done
            kubelet & K=$!
            for i in $(seq 100); do grep -q 'p2399.*Readiness probe failed' kubelet.log && break; sleep 0.1; done
            sleep 2; cat kubelet.log
            """)
        #expect(
            said.contains("p2399-node-1: Unhealthy: Readiness probe failed: failed to connect"),
            "\(said)")
        #expect(!said.contains("p2379-node-1: Unhealthy"), "\(said)")
    }

    @Test func everyPodIsBounded() async throws {
        let said = try await output(
            """
            {"containers":[{"name":"c","image":"drydock/busybox","command":["sh","-c","echo end; exec sleep 1000"]}]}
            """,
            after: """
                for group in $(find /sys/fs/cgroup -path "*drydock-kubelet-\(getpid())/kubepods/pod*" -name pids.max); do echo pids $(cat $group); done
                for file in memory.max memory.limit_in_bytes; do
                    find /sys/fs/cgroup -path "*drydock-kubelet-\(getpid())/kubepods/$file" -exec cat {} + | sed 's/^/memory /'
                done
                """)
        let lines = said.split(separator: "\n")
        #expect(lines.contains("pids 4096"), "\(said)")
        #expect(
            lines.contains {
                $0.hasPrefix("memory ") && Int($0.dropFirst(7)).map { $0 < 1 << 50 } == true
            }, "\(said)")
    }
}
