import JSON
import Linux
import Testing

/// Jobs over the real API server; what their containers do is played.
@Suite(
    .serialized,
    .enabled(if: Cluster.isBuilt, "needs the Cluster package's programs, built for release"))
struct JobTests {
    private func create(_ cluster: Cluster, _ name: String, _ spec: String) {
        let job = """
            {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"\(name)"},"spec":{\(spec)
            "template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}
            """
        #expect(cluster.kubectl("create", "-f", "-", input: job).succeeded)
    }

    private func pods(_ cluster: Cluster, of job: String) -> [JSON] {
        cluster.kubectl("get", "pods", "-l", "batch.kubernetes.io/job-name=\(job)", "-o", "json")
            .json["items"]?.array ?? []
    }

    private func end(_ cluster: Cluster, _ pod: JSON, _ phase: String, exit: Int = 0) {
        let status: JSON = [
            "status": [
                "phase": .string(phase),
                "containerStatuses": [
                    [
                        "name": "c", "ready": false, "restartCount": 0, "image": "i", "imageID": "",
                        "state": ["terminated": ["exitCode": JSON(exit)]],
                    ]
                ],
            ]
        ]
        cluster.kubectl(
            "patch", "pod", pod.at("metadata", "name")?.string ?? "", "--subresource=status",
            "--type=strategic", "-p", status.text)
    }

    private func condition(_ cluster: Cluster, _ job: String) -> [String] {
        let json = cluster.kubectl("get", "job", job, "-o", "json").json
        return (json.at("status", "conditions")?.array ?? []).filter { $0["status"] == "True" }
            .compactMap { $0["reason"]?.string }
    }

    @Test func `a suspended Job starts when it is resumed, and each index succeeds once`() throws {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        cluster.addNode("node-1")
        create(
            cluster, "sum",
            #""suspend":true,"completionMode":"Indexed","completions":3,"parallelism":2,"#)
        try cluster.until("it is suspended") { condition(cluster, "sum") == ["JobSuspended"] }
        #expect(pods(cluster, of: "sum").isEmpty)
        #expect(
            cluster.kubectl(
                "patch", "job", "sum", "--type=merge", "-p", #"{"spec":{"suspend":false}}"#
            )
            .succeeded)
        try cluster.until("two run") { pods(cluster, of: "sum").count == 2 }
        #expect(
            pods(cluster, of: "sum").compactMap { $0.at("spec", "hostname")?.string }.sorted()
                == ["sum-0", "sum-1"])
        try cluster.until("all three have succeeded", seconds: 60) {
            for pod in pods(cluster, of: "sum") where pod.at("status", "phase") == "Running" {
                end(cluster, pod, "Succeeded")
            }
            return condition(cluster, "sum") == ["CompletionsReached"]
        }
        try cluster.until("all are counted, and no pod is held") {
            let job = cluster.kubectl("get", "job", "sum", "-o", "json").json
            return job.at("status", "completedIndexes") == "0-2"
                && job.at("status", "succeeded") == 3
                && pods(cluster, of: "sum").allSatisfy { $0.at("metadata", "finalizers") == nil }
        }
    }

    @Test func `a Job is late, a Job is swept away, and what it leaves behind is nobody's`() throws
    {
        let cluster = try Cluster()
        defer { _ = cluster.stop() }
        cluster.addNode("node-1")
        create(cluster, "late", #""activeDeadlineSeconds":1,"#)
        create(cluster, "swept", #""ttlSecondsAfterFinished":1,"#)
        create(cluster, "left", "")
        try cluster.until("the first has failed for it") {
            condition(cluster, "late") == ["DeadlineExceeded"]
        }
        try cluster.until("the second is gone with its pod") {
            for pod in pods(cluster, of: "swept") where pod.at("status", "phase") == "Running" {
                end(cluster, pod, "Succeeded")
            }
            return !cluster.kubectl("get", "job", "swept").succeeded
                && pods(cluster, of: "swept").isEmpty
        }
        try cluster.until("the third has its pod") { pods(cluster, of: "left").count == 1 }
        #expect(
            cluster.kubectl("delete", "job", "left", "--cascade=orphan", "--timeout=20s").succeeded)
        try cluster.until("its pod is free") {
            let pod = pods(cluster, of: "left").first
            return pod != nil && pod?.at("metadata", "ownerReferences") == nil
                && pod?.at("metadata", "finalizers") == nil
        }
    }
}
