import JSON
import Objects
import Testing

@testable import Kinds

@Suite struct TablesForKubectl {
    let now = Timestamp("2026-11-22T05:10:00Z")!.seconds

    /// The cells of one object as `-o wide` shows them.
    func cells(_ kind: Kind, _ object: String) -> [String] {
        let table = kind.table([tree(object)], now: now)
        return table["rows"]?[0]?.list("cells").map { $0.string ?? $0.text } ?? []
    }

    func heads(_ kind: Kind) -> String {
        let columns = kind.table([], now: now).list("columnDefinitions")
        return columns.map { $0.text("name").uppercased() + ($0["priority"] == 1 ? "*" : "") }
            .joined(separator: " ")
    }

    func pod(
        _ status: String, metadata: String = "",
        spec: String = #""containers":[{"name":"a"},{"name":"b"}]"#
    ) -> [String] {
        cells(
            kind("v1", "Pod"),
            #"{"metadata":{"name":"p","creationTimestamp":"2026-11-22T05:08:30Z"\#(metadata)},"spec":{\#(spec)},"status":{\#(status)}}"#
        )
    }

    @Test func `A running pod`() {
        let line = pod(
            #"""
            "phase":"Running","podIP":"10.244.1.3","containerStatuses":[{"name":"a","ready":true,"restartCount":0,
            "state":{"running":{}}},{"name":"b","ready":false,"restartCount":2,"state":{"running":{}},"lastState":
            {"terminated":{"exitCode":1,"finishedAt":"2026-11-22T05:07:00Z"}}}]
            """#, spec: #""nodeName":"node-1","containers":[{"name":"a"},{"name":"b"}]"#)
        #expect(
            line == [
                "p", "1/2", "Running", "2 (3m ago)", "90s", "10.244.1.3", "node-1", "<none>",
                "<none>",
            ])
    }

    @Test(
        "A pod's state in one word",
        arguments: [
            (#""phase":"Pending""#, "", "Pending"),
            (
                #""phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]"#,
                "", "ContainerCreating"
            ),
            (
                #""phase":"Running","containerStatuses":[{"restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]"#,
                "", "CrashLoopBackOff"
            ),
            (
                #""phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ImagePullBackOff"}}}]"#,
                "", "ImagePullBackOff"
            ),
            (
                #""phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]"#,
                "", "Completed"
            ),
            (
                #""phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":1,"reason":"Error"}}}]"#,
                "", "Error"
            ),
            (
                #""phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":137,"signal":9}}}]"#,
                "", "Signal:9"
            ),
            (
                #""phase":"Failed","containerStatuses":[{"state":{"terminated":{"exitCode":3}}}]"#,
                "", "ExitCode:3"
            ),
            (#""phase":"Failed","reason":"Evicted""#, "", "Evicted"),
            (
                #""phase":"Running","containerStatuses":[{"ready":true,"state":{"running":{}}}]"#,
                #","deletionTimestamp":"2026-11-22T05:09:00Z""#, "Terminating"
            ),
            (
                #""phase":"Succeeded","containerStatuses":[{"state":{"terminated":{"reason":"Completed"}}}]"#,
                #","deletionTimestamp":"2026-11-22T05:09:00Z""#, "Completed"
            ),
            (
                #""phase":"Running","reason":"NodeLost""#,
                #","deletionTimestamp":"2026-11-22T05:09:00Z""#, "Unknown"
            ),
            (
                #""phase":"Running","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"ready":true,"state":{"running":{}}},{"state":{"terminated":{"reason":"Completed"}}}]"#,
                "", "Running"
            ),
            (
                #""phase":"Running","containerStatuses":[{"ready":true,"state":{"running":{}}},{"state":{"terminated":{"reason":"Completed"}}}]"#,
                "", "NotReady"
            ),
        ])
    func podState(status: String, metadata: String, word: String) {
        let line = pod(status, metadata: metadata)
        #expect(line.count > 2)
        #expect(line[2] == word)
    }

    @Test(
        "Init containers speak first",
        arguments: [
            (#"[{"name":"i","state":{"running":{}}}]"#, "Init:0/2"),
            (
                #"[{"name":"i","state":{"terminated":{"exitCode":0}}},{"name":"j","state":{"running":{}}}]"#,
                "Init:1/2"
            ),
            (
                #"[{"name":"i","state":{"terminated":{"exitCode":1,"reason":"Error"}}}]"#,
                "Init:Error"
            ),
            (#"[{"name":"i","state":{"terminated":{"exitCode":2}}}]"#, "Init:ExitCode:2"),
            (
                #"[{"name":"i","state":{"waiting":{"reason":"CrashLoopBackOff"}}}]"#,
                "Init:CrashLoopBackOff"
            ),
            (#"[{"name":"i","state":{"waiting":{"reason":"PodInitializing"}}}]"#, "Init:0/2"),
        ])
    func initContainers(statuses: String, word: String) {
        let line = pod(
            #""phase":"Pending","initContainerStatuses":\#(statuses)"#,
            spec: #""initContainers":[{"name":"i"},{"name":"j"}],"containers":[{"name":"a"}]"#)
        #expect((line[1], line[2]) == ("0/1", word))
    }

    @Test(
        "Ages grow coarser",
        arguments: [
            (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (150, "2m30s"),
            (599, "9m59s"), (600, "10m"),
            (10799, "179m"), (10800, "3h"), (11100, "3h5m"), (28799, "7h59m"), (28800, "8h"),
            (172799, "47h"), (172800, "2d"),
            (180000, "2d2h"), (691199, "7d23h"), (691200, "8d"), (63_071_999, "729d"),
            (63_072_000, "2y"), (63_158_400, "2y1d"),
            (252_287_999, "7y364d"), (252_288_000, "8y"),
        ])
    func ages(seconds: Int, text: String) {
        #expect(Age.text(seconds) == text)
    }

    @Test func `Deployments, ReplicaSets and autoscalers`() {
        let deployment = kind("apps/v1", "Deployment")
        #expect(
            heads(deployment) == "NAME READY UP-TO-DATE AVAILABLE AGE CONTAINERS* IMAGES* SELECTOR*"
        )
        let spec =
            #""spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":{"spec":{"containers":[{"name":"web","image":"web:v1"}]}}}"#
        #expect(
            cells(
                deployment,
                #"{"metadata":{"name":"web"},\#(spec),"status":{"readyReplicas":2,"updatedReplicas":3,"availableReplicas":1}}"#
            )
                == ["web", "2/3", "3", "1", "<unknown>", "web", "web:v1", "app=web"])
        #expect(
            cells(
                kind("apps/v1", "ReplicaSet"),
                #"{"metadata":{"name":"web-1"},\#(spec),"status":{"replicas":3,"readyReplicas":2}}"#
            )
                == ["web-1", "3", "3", "2", "<unknown>", "web", "web:v1", "app=web"])
        let autoscaler = #"""
            {"metadata":{"name":"web"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":5,
            "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]},
            "status":{"currentReplicas":2,"currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":
            {"averageUtilization":31}}}]}}
            """#
        #expect(
            cells(kind("autoscaling/v2", "HorizontalPodAutoscaler"), autoscaler)
                == ["web", "Deployment/web", "cpu: 31%/50%", "2", "5", "2", "<unknown>"])
    }

    @Test func `Services, slices and nodes`() {
        #expect(
            cells(
                kind("v1", "Service"),
                #"{"metadata":{"name":"web"},"spec":{"type":"NodePort","clusterIP":"10.96.0.9","selector":{"b":"2","a":"1"},"ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}]}}"#
            ) == [
                "web", "NodePort", "10.96.0.9", "<none>", "80:30080/TCP,53/UDP", "<unknown>",
                "a=1,b=2",
            ])
        #expect(
            cells(
                kind("discovery.k8s.io/v1", "EndpointSlice"),
                #"{"metadata":{"name":"web-1"},"addressType":"IPv4","ports":[{"port":8080}],"endpoints":[{"addresses":["1"]},{"addresses":["2"]},{"addresses":["3"]},{"addresses":["4"]}]}"#
            ) == ["web-1", "IPv4", "8080", "1,2,3 + 1 more...", "<unknown>"])
        let node = #"""
            {"metadata":{"name":"node-1","labels":{"node-role.kubernetes.io/worker":""}},"spec":{"unschedulable":true},"status":
            {"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.88.0.11"}],
            "nodeInfo":{"kubeletVersion":"v1.34.0","osImage":"Debian","kernelVersion":"6.18","containerRuntimeVersion":"drydock://1"}}}
            """#
        #expect(
            cells(kind("v1", "Node"), node) == [
                "node-1", "Ready,SchedulingDisabled", "worker", "<unknown>", "v1.34.0",
                "10.88.0.11", "<none>", "Debian", "6.18",
                "drydock://1",
            ])
    }

    @Test func `Events and small kinds`() {
        #expect(
            heads(kind("v1", "Event"))
                == "LAST SEEN TYPE REASON OBJECT SUBOBJECT* SOURCE* MESSAGE FIRST SEEN* COUNT* NAME*"
        )
        #expect(
            cells(
                kind("v1", "Event"),
                #"{"metadata":{"name":"e"},"type":"Warning","reason":"BackOff","message":"no luck\n","count":3,"involvedObject":{"kind":"Pod","name":"p","fieldPath":"spec.containers{c}"},"source":{"component":"kubelet","host":"node-1"},"firstTimestamp":"2026-11-22T05:00:00Z","lastTimestamp":"2026-11-22T05:09:30Z"}"#
            ) == [
                "30s", "Warning", "BackOff", "pod/p", "spec.containers{c}", "kubelet, node-1",
                "no luck", "10m", "3", "e",
            ])
        #expect(
            cells(
                kind("v1", "ConfigMap"),
                #"{"metadata":{"name":"c"},"data":{"a":"1"},"binaryData":{"b":"Yg=="}}"#) == [
                    "c", "2", "<unknown>",
                ])
        #expect(
            cells(kind("v1", "Secret"), #"{"metadata":{"name":"s"},"type":"Opaque"}"#) == [
                "s", "Opaque", "0", "<unknown>",
            ])
        #expect(
            cells(
                kind("v1", "Namespace"), #"{"metadata":{"name":"n"},"status":{"phase":"Active"}}"#)
                == ["n", "Active", "<unknown>"])
    }

    @Test func `A Table has columns, rows with metadata, and the list's own metadata`() {
        let pods = kind("v1", "Pod")
        let table = pods.table(
            [tree(#"{"metadata":{"name":"p","managedFields":[]},"spec":{}}"#)], now: now,
            resourceVersion: "9", continueToken: "t", remaining: 4)
        #expect(
            table["metadata"] == ["resourceVersion": "9", "continue": "t", "remainingItemCount": 4])
        #expect(
            table["rows"]?[0]?["object"]
                == [
                    "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                    "metadata": ["name": "p"],
                ])
        #expect(
            table["columnDefinitions"]?[0] == [
                "name": "Name", "type": "string", "format": "name", "description": "Name",
                "priority": 0,
            ])
        let watched = pods.table(
            [tree(#"{"metadata":{}}"#)], now: now, include: .object, withColumns: false)
        #expect(watched["columnDefinitions"] == .null)
        #expect(watched["rows"]?[0]?["object"] == ["metadata": [:]])
    }

    @Test func `Every kind has as many cells as columns`() {
        for kind in KindRegistry.builtIn.all where !kind.plural.isEmpty {
            let table = kind.table([["metadata": ["name": "x"]]], now: now)
            #expect(
                table["rows"]?[0]?.list("cells").count == table.list("columnDefinitions").count,
                "\(kind.kind)")
        }
    }
}
