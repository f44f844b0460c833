import Linux
import Testing

/// The kubelet as a program, alone with pods from files, on the real kernel: a world of its own
/// with a node's address, our runtime, the kit's images, and `curl` with and without a certificate.
@Suite(.enabled(if: World.whyNot == nil, "\(World.whyNot ?? "")"), .serialized)
struct KubeletTests {
    @Test func aPodFromAFileAnswersAndSurvivesTheKubeletsDeath() async throws {
        let said = try await World.run(
            """
            pod web '{"containers":[{"name":"web","image":"drydock/web:v1","readinessProbe":
                {"httpGet":{"path":"/ready","port":8080}}}]}'
            kubelet & K=$!
            answered 10.244.1.2:8080 && before=$(ps ax -o pid,comm | awk '$2=="web"{print $1}')
            kill -9 $K
            echo alone: $(curl -s http://10.244.1.2:8080/)
            kubelet & K=$!
            sleep 2
            echo again: $(curl -s http://10.244.1.2:8080/)
            after=$(ps ax -o pid,comm | awk '$2=="web"{print $1}')
            [ "$before" = "$after" ] && echo the same process
            """)
        #expect(said.contains("alone: v1"))
        #expect(said.contains("again: v1"))
        #expect(said.contains("the same process"))
    }

    @Test func logsAndUsageAreForTheAPIServerAlone() async throws {
        let said = try await World.run(
            """
            pod talker '{"containers":[{"name":"c","image":"drydock/busybox",
                "command":["sh","-c","echo one; echo two; echo three; exec sleep 100"]}]}'
            kubelet & K=$!
            for i in $(seq 50); do ask healthz > /dev/null && break; sleep 0.1; done
            sleep 1
            echo stranger: $(curl -sk https://10.88.0.11:10250/healthz; echo $?)
            for who in admin node-1 kube-proxy kube-scheduler; do
                echo "$who: $(askas $who containerLogs/default/talker-node-1/c)"
            done
            ask "containerLogs/default/talker-node-1/c?tailLines=2"
            ask containerLogs/default/talker-node-1/nope
            ask containerLogs/default/nobody/c
            ask stats/summary
            """)
        let lines = said.split(separator: "\n")
        #expect(!lines.contains { $0.hasPrefix("stranger: ok") || $0 == "stranger: 0" })
        for who in ["admin", "node-1", "kube-proxy", "kube-scheduler"] {
            #expect(lines.contains("\(who): only the API server is answered here"))
        }
        #expect(lines.contains("two") && lines.contains("three") && !lines.contains("one"))
        #expect(said.contains("container nope is not valid for pod talker-node-1"))
        #expect(said.contains("pod nobody not found on this node"))
        #expect(said.contains("\"usageNanoCores\":"))
        #expect(said.contains("\"podRef\":{\"name\":\"talker-node-1\""))
    }

    @Test func aCrashingContainerAndAMissingImageAreTriedAgainAndNamed() async throws {
        let said = try await World.run(
            """
            pod crash '{"containers":[{"name":"c","image":"drydock/busybox","command":["false"]}]}'
            pod lost '{"containers":[{"name":"c","image":"drydock/nope:v9"}]}'
            kubelet & K=$!
            sleep 4
            cat kubelet.log
            ask "containerLogs/default/lost-node-1/c"
            """)
        #expect(
            said.contains("Back-off restarting failed container c in pod crash-node-1_default("))
        #expect(said.contains("Failed to pull image \"drydock/nope:v9\""))
        #expect(said.contains("Back-off pulling image \"drydock/nope:v9\""))
        #expect(said.contains("is waiting to start: ImagePullBackOff"))
    }

    @Test func probesAndHooksActOnWhatTheyFind() async throws {
        let said = try await World.run(
            """
            pod good '{"containers":[{"name":"c","image":"drydock/busybox",
                "command":["sh","-c","touch /tmp/ok; exec httpd -f -p 81"],
                "lifecycle":{"postStart":{"exec":{"command":["touch","/tmp/started"]}}},
                "startupProbe":{"exec":{"command":["test","-e","/tmp/started"]},"periodSeconds":1},
                "livenessProbe":{"tcpSocket":{"port":81},"periodSeconds":1,"failureThreshold":1}}]}'
            pod deaf '{"containers":[{"name":"c","image":"drydock/busybox","command":["sleep","1000"],
                "livenessProbe":{"tcpSocket":{"port":81},"periodSeconds":1,"failureThreshold":2}}],
                "terminationGracePeriodSeconds":1}'
            pod stuck '{"containers":[{"name":"c","image":"drydock/busybox","command":["sleep","1000"],
                "readinessProbe":{"exec":{"command":["test","-e","/tmp/ok"]},"periodSeconds":1}}]}'
            pod hooked '{"containers":[{"name":"c","image":"drydock/busybox","command":["sleep","1000"],
                "lifecycle":{"postStart":{"exec":{"command":["false"]}}}}],"terminationGracePeriodSeconds":1}'
            kubelet & K=$!
            for i in $(seq 150); do
                grep -q 'failed liveness probe' kubelet.log && grep -q 'PostStartHook failed' kubelet.log \
                    && grep -q 'Readiness probe failed' kubelet.log && break
                sleep 0.2
            done
            sleep 2
            cat kubelet.log
            """)
        let lines = said.split(separator: "\n")
        func count(_ pod: String, _ text: String) -> Int {
            lines.count { $0.contains(pod) && $0.contains(text) }
        }
        #expect(count("deaf", "Liveness probe failed: dial tcp") >= 2, "\(said)")
        #expect(
            count("deaf", "Container c failed liveness probe, will be restarted") >= 1, "\(said)")
        #expect(count("stuck", "Readiness probe failed") >= 1, "\(said)")
        #expect(count("stuck", "will be restarted") == 0, "\(said)")
        #expect(count("hooked", "PostStartHook failed") >= 1, "\(said)")
        #expect(count("good", "failed") == 0, "\(said)")
    }

    /// A container's shim outlives the kubelet, and must not hold its port.
    @Test func aKubeletThatWasKilledAnswersAgainAtItsPort() async throws {
        let said = try await World.run(
            """
            pod talker '{"containers":[{"name":"c","image":"drydock/busybox",
                "command":["sh","-c","echo hello; exec sleep 1000"]}]}'
            kubelet & K=$!
            until ask "containerLogs/default/talker-node-1/c" | grep -q hello; do sleep 0.2; done
            kill -9 $K
            kubelet & K=$!
            for i in $(seq 100); do
                ask "containerLogs/default/talker-node-1/c" | grep hello && break
                sleep 0.1
            done
            ss -ltnpH 'sport = :10250'
            """)
        #expect(said.split(separator: "\n").contains("hello"), "\(said)")
        #expect(said.contains("kubelet") && !said.contains("shim"), "\(said)")
    }

    @Test func aKubeletWithoutItsPortEndsAndSaysSo() async throws {
        let said = try await World.run(
            """
            python3 -c 'import socket, time; s = socket.socket(); s.bind(("10.88.0.11", 10250)); s.listen(); time.sleep(60)' &
            until ss -ltnH 'sport = :10250' | grep -q 10250; do sleep 0.1; done
            kubelet & K=$!
            (sleep 40; kill $K) &
            wait $K; echo ended with $?
            cat kubelet.log
            """)
        #expect(said.contains("ended with 1"), "\(said)")
        #expect(said.contains("port 10250") && said.contains("Address already in use"), "\(said)")
    }

    @Test func noNumberInAPodOrALogRequestEndsTheKubelet() async throws {
        let big = "9223372036854775807"
        let said = try await World.run(
            """
            pod plain '{"containers":[{"name":"c","image":"drydock/busybox","command":["sh","-c","echo hello; exec sleep 1000"]}]}'
            pod probed '{"containers":[{"name":"c","image":"drydock/busybox","command":["httpd","-f","-p","81"],
                "readinessProbe":{"tcpSocket":{"port":81},"timeoutSeconds":3000000,"periodSeconds":1},
                "livenessProbe":{"tcpSocket":{"port":81},"timeoutSeconds":\(big),"periodSeconds":\(big)},
                "startupProbe":{"exec":{"command":["true"]},"timeoutSeconds":\(big),"initialDelaySeconds":0,"periodSeconds":1}}]}'
            pod odd '{"activeDeadlineSeconds":\(big),"terminationGracePeriodSeconds":\(big),
                "securityContext":{"fsGroup":\(big)},"volumes":[{"name":"v","emptyDir":{}}],
                "containers":[{"name":"c","image":"drydock/busybox","command":["sleep","1000"],
                "lifecycle":{"postStart":{"sleep":{"seconds":0}},"preStop":{"sleep":{"seconds":\(big)}}},
                "readinessProbe":{"tcpSocket":{"port":\(big)},"initialDelaySeconds":\(big)}}]}'
            pod mode '{"containers":[{"name":"c","image":"drydock/busybox","command":["sleep","1000"]}],
                "volumes":[{"name":"v","downwardAPI":{"defaultMode":-1,"items":[{"path":"n","fieldRef":{"fieldPath":"metadata.name"}}]}}]}'
            kubelet & K=$!
            until ask "containerLogs/default/plain-node-1/c" | grep -q hello; do sleep 0.2; done
            for query in limitBytes=-1 limitBytes=-\(big) tailLines=-1 tailLines=\(big) sinceSeconds=-9223372036854775808 \
                sinceSeconds=\(big) limitBytes=99999999999999999999; do
                ask "containerLogs/default/plain-node-1/c?$query" > /dev/null
            done
            sleep 3
            kill -0 $K && echo still there
            grep -E 'Fatal|overflow|not enough bits' kubelet.log
            cat kubelet.log
            """)
        #expect(said.contains("still there"), "\(said)")
        #expect(!said.contains("Fatal"), "\(said)")
        #expect(said.contains("invalid mode -1 of n"), "\(said)")
        #expect(!said.contains("probed-node-1: Unhealthy"), "\(said)")
    }

    @Test func overdueProbesLeaveNothingInTheirContainer() async throws {
        let said = try await World.run(
            """
            pod slow '{"containers":[{"name":"c","image":"drydock/busybox","command":["sleep","1000"],
                "readinessProbe":{"exec":{"command":["sh","-c","sleep 100001 & sleep 100002"]},"periodSeconds":1},
                "livenessProbe":{"exec":{"command":["sh","-c","exec >&- 2>&-; sleep 100003"]},"periodSeconds":1,"failureThreshold":100}}]}'
            kubelet & K=$!
            for i in $(seq 200); do [ $(grep -c 'probe failed: command timed out' kubelet.log) -ge 6 ] && break; sleep 0.1; done
            echo asked $(grep -c 'probe failed: command timed out' kubelet.log)
            # Two probes are under way, or about to be.
            left=$(ps ax -o args | grep -c '^sleep 10000')
            [ $left -le 3 ] && echo few left || echo left $left
            """)
        #expect(!said.contains("asked 0"), "\(said)")
        #expect(said.contains("few left"), "\(said)")
    }

    @Test func aMissingProgramIsAnEndWithABackOff() async throws {
        let said = try await World.run(
            """
            pod lost '{"containers":[{"name":"c","image":"drydock/busybox","command":["/no/such/program"]}]}'
            kubelet & K=$!
            for i in $(seq 100); do grep -q 'Back-off restarting' kubelet.log && break; sleep 0.1; done
            cat kubelet.log; cat state/containers/*/start-error
            """)
        #expect(
            said.contains("Back-off restarting failed container c in pod lost-node-1"), "\(said)")
        #expect(said.contains("\"exitCode\":128"), "\(said)")
        #expect(said.contains("/no/such/program"), "\(said)")
    }

    @Test func whatIsWrongOnTheCommandLineIsSaid() async throws {
        let needed = [
            "--node-name", "n", "--node-ip", "10.88.0.11", "--state", "/tmp/x", "--images", "x",
            "--layers", "x", "--runtime", "x", "--overlay", "x", "--shim", "x",
        ]
        func complaint(_ arguments: [String]) throws -> String {
            let program = World.cluster("kubelet")
            let result = try capture(program, [program] + needed + arguments)
            #expect(!result.ending.succeeded)
            return String(decoding: result.errors, as: UTF8.self)
        }
        #expect(
            try complaint(["--pod-cidr", "10.244.1/24", "--manifests", "/tmp"])
                .contains("--pod-cidr 10.244.1/24: write it as 10.244.1.0/24"))
        #expect(
            try complaint(["--pod-cidr", "10.244.1.0/24"])
                .contains("give --kubeconfig, or --manifests to run without an API server"))
    }
}
