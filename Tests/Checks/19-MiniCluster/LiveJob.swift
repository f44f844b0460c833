import ContractMiniCluster
import Grading
import JSON
import Linux

/// 19.8: a Job of six in the cluster, on the student's controller, which is killed in the middle.
let aJobSurvivesItsController = Check("19.8", live: true) { _ in
    let cluster = try LiveCluster()
    let controllers = try cluster.processes().all.filter { $0.component == "jobs" }
    let isOwn = controllers.contains {
        ((try? Files.readText("/proc/\($0.pid)/environ")) ?? "").contains("DRYDOCK_PART_19=")
    }
    try require(
        isOwn, "the Job controller of the cluster runs on your part", seen: "the reference",
        idea: "Labs/lab down; Labs/lab up --mine 19")
    defer { _ = try? cluster.kubectl(["delete", "job", "six", "--wait=false"]) }
    _ = try cluster.kubectl(["delete", "job", "six", "--ignore-not-found", "--timeout=30s"])
    try cluster.apply(manifest)
    func status() throws -> JSON { try cluster.json("get", "job", "six")["status"] ?? [:] }
    let began = try cluster.wait(seconds: 30) { try status()["succeeded"]?.int ?? 0 >= 1 }
    try require(
        began, "the first pods of the Job succeed within 30 s", seen: (try? status())?.text,
        idea: "Labs/lab logs jobs says what your controller says.")
    for process in controllers { kill(process.pid, SIGKILL) }
    let ended = try cluster.wait(seconds: 60) {
        (try status()["conditions"]?.array ?? []).contains { $0["type"]?.string == "Complete" }
    }
    try require(
        ended, "the Job is Complete though its controller was killed", seen: (try? status())?.text,
        idea: "What happened while it was down has to be seen from how things stand.")
    try expect(
        try status()["succeeded"]?.int, is: 6, "each success is counted once",
        idea: "Write down whom you will count, let him go, count him when he is gone.")
    let held =
        try cluster.json("get", "pods", "-l", "batch.kubernetes.io/job-name=six")["items"]?.array
        ?? []
    let tracked = held.filter { ($0.at("metadata", "finalizers")?.array ?? []).isEmpty == false }
    try expect(
        tracked.count, is: 0, "no pod of the Job is held any more",
        idea: "release holds the names of the counted.")
}

private let manifest = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: six}
    spec:
      completions: 6
      parallelism: 2
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: work
            image: drydock/web:v1
            command: ["/bin/sleep", "1"]
    """
