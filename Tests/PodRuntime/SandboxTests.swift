import Linux
import Testing

/// Pods on the real kernel, in a world of their own, through our runtime and through runc.
@Suite(.enabled(if: whyNotReal == nil, "\(whyNotReal ?? "")"), .serialized)
struct SandboxTests {
    @Test(arguments: runtimes)
    func aPodHasItsOwnAddressNameAndFilesAndItsOutputIsLogged(_ runtime: String) throws {
        let said = try inPrivateWorld(
            runtime: runtime,
            """
            pod web 'hostname; cat /etc/hosts /etc/resolv.conf; ip -4 addr show eth0; echo oops >&2; exit 3'
            await state/exits/$C || echo no exit file
            cat state/exits/$C logs/web/c/0.log
            """)
        #expect(said.contains("\"exitCode\":3,\"signal\":0"))
        let logged = said.split(separator: "\n").filter { $0.contains(" stdout F ") }
        #expect(logged.contains { $0.hasSuffix("Z stdout F web") })
        #expect(logged.contains { $0.hasSuffix("10.244.1.2\tweb") })
        #expect(logged.contains { $0.hasSuffix("nameserver 10.96.0.10") })
        #expect(logged.contains { $0.contains("inet 10.244.1.2/24") })
        #expect(said.contains("Z stderr F oops"))
    }

    @Test(arguments: runtimes)
    func twoPodsOfANodeReachEachOtherAndTheNodeReachesThem(_ runtime: String) throws {
        let said = try inPrivateWorld(
            runtime: runtime,
            """
            pod server 'echo served > /tmp/index.html; exec httpd -f -p 80 -h /tmp'
            pod client 'for i in 1 2 3 4 5; do wget -qO- http://10.244.1.2/ && exit; sleep 0.2; done'
            await state/exits/$C
            cat logs/client/c/0.log
            busybox wget -qO- http://10.244.1.2/
            """)
        #expect(said.contains("stdout F served"))
        #expect(said.split(separator: "\n").contains("served"))
    }

    @Test(arguments: runtimes)
    func aStopSignalIsAnsweredAndWhoDoesNotAnswerIsKilled(_ runtime: String) throws {
        let said = try inPrivateWorld(
            runtime: runtime,
            """
            pod good "trap 'exit 0' TERM; while true; do sleep 0.1; done"
            sleep 0.3
            cri stop $C
            cat state/exits/$C
            pod deaf "trap '' TERM; while true; do sleep 0.1; done"
            sleep 0.3
            cri stop $C
            echo; echo deaf: $(cat state/exits/$C)
            """)
        #expect(said.contains("\"exitCode\":0,\"signal\":0"))
        let deaf = said.split(separator: "\n").first { $0.hasPrefix("deaf:") } ?? ""
        #expect(deaf.contains("\"exitCode\":137,\"signal\":9"), "\(said)")
    }

    @Test(arguments: runtimes)
    func theDefaultSeccompProfileKeepsAContainerFromMakingNamespaces(_ runtime: String) throws {
        let command =
            "busybox unshare -n true || echo refused; busybox unshare -U true || echo refused; sleep 0 && echo works; busybox grep Seccomp: /proc/self/status"
        let said = try inPrivateWorld(
            runtime: runtime,
            """
            SECCOMP='"RuntimeDefault"'
            pod walled '\(command)'
            await state/exits/$C
            cat logs/walled/c/0.log
            """)
        #expect(
            said.split(separator: "\n").count { $0.hasSuffix("stdout F refused") } == 2, "\(said)")
        #expect(said.contains("stdout F works"), "\(said)")
        #expect(said.contains("stdout F Seccomp:\t2"), "\(said)")
    }

    @Test(arguments: runtimes)
    func nothingIsLeftOfARemovedPod(_ runtime: String) throws {
        let said = try inPrivateWorld(
            runtime: runtime,
            """
            pod gone 'sleep 100'
            cri stop-pod $S; cri rm-pod $S
            echo files: $(ls state/sandboxes state/containers state/exits | grep -v : | tr -d '\\n')
            echo addresses: $(ls state/addresses | grep -c 10.244)
            echo mounts: $(grep -cE 'nsfs|overlay.*state' /proc/mounts)
            echo veths: $(ip -o link | grep -c veth)
            echo processes: $(ps ax | grep -cE '[s]him --runtime|[s]leep 100')
            """)
        for line in ["files:", "addresses: 0", "mounts: 0", "veths: 0", "processes: 0"] {
            #expect(said.split(separator: "\n").contains { $0 == line }, "\(line) in:\n\(said)")
        }
    }

    @Test(arguments: runtimes)
    func aContainerWhoseShimWasKilledIsNotLeftRunningUnwatched(_ runtime: String) throws {
        let said = try inPrivateWorld(
            runtime: runtime,
            """
            pod lost 'sleep 100'
            for p in $(ps ax -o pid,args | grep '[s]him --runtime' | awk '{print $1}'); do kill -9 $p; done
            sleep 0.2
            cri ps
            echo left: $(ps ax | grep -c '[s]leep 100')
            """)
        #expect(said.contains("\"state\":\"exited\""))
        #expect(said.contains("\"reason\":\"ContainerStatusUnknown\""))
        #expect(said.contains("left: 0"))
    }

    @Test(arguments: runtimes)
    func whatTheRuntimeComplainsAboutReachesWhoeverAsked(_ runtime: String) throws {
        let said = try inPrivateWorld(
            runtime: runtime,
            """
            pod bad true
            sed -i 's#"/bin/sh"#"/bin/nope"#' pod.json
            cri run-pod pod.json && echo created
            cri ps
            """)
        #expect(said.contains("/bin/nope"))
        #expect(said.lowercased().contains("no such file or directory"))
        #expect(!said.contains("created\n"))
        let lost = said.split(separator: "\n").first { $0.contains("StartError") } ?? ""
        #expect(
            lost.contains("\"state\":\"exited\"") && lost.contains("\"exitCode\":128"), "\(said)")
    }

    @Test(arguments: runtimes)
    func anOverdueCommandLeavesNothingInItsContainer(_ runtime: String) throws {
        let said = try inPrivateWorld(
            runtime: runtime,
            """
            pod probed 'exec sleep 2000'
            cri --timeout 1 exec $C sh -c 'sleep 1001 & sh -c "sleep 1002; true" & sleep 1003'
            cri --timeout 1 exec $C sh -c 'exec >&- 2>&-; sleep 1004'
            cri --timeout 9223372036854775807 exec $C sh -c 'echo done early'
            echo left: $(ps ax -o args | grep -o '^sleep [0-9]*' | sort | tr '\\n' ' ')
            """)
        #expect(said.components(of: "command timed out after 1 s") == 2, "\(said)")
        #expect(said.contains("done early"), "\(said)")
        #expect(said.contains("left: sleep 2000"), "\(said)")
    }

    /// Whoever lists containers looks at the locks of all shims, those that are just being made too.
    @Test(arguments: runtimes)
    func lookingAtContainersKillsNoneThatIsBeingMade(_ runtime: String) throws {
        let said = try inPrivateWorld(
            runtime: runtime,
            """
            for looker in 1 2 3; do while [ ! -e enough ]; do cri ps > /dev/null; done & done
            for n in 1 2 3 4 5 6; do pod p$n 'exec sleep 1000' || echo refused; done
            touch enough; wait
            cri ps | grep -c '"state":"running"'
            """)
        #expect(said.split(separator: "\n").last == "6", "\(said)")
        #expect(!said.contains("refused"), "\(said)")
    }

    @Test func aLongLineIsLoggedInPiecesAndAnUnfinishedOneIsMarked() throws {
        let said = try inPrivateWorld(
            runtime: runtimes[0],
            """
            pod long 'for i in $(busybox seq 2000); do printf 0123456789; done; echo; printf end'
            await state/exits/$C
            awk '{print $2, $3, length($4)}' logs/long/c/0.log
            """)
        #expect(said.contains("stdout P 16384"))
        #expect(said.contains("stdout F 3616"))
        #expect(said.contains("stdout P 3"))
    }
}

extension String {
    fileprivate func components(of text: String) -> Int { ranges(of: text).count }
}
