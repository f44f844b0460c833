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
    try happensUnseen(cluster)
    let ended = try cluster.wait(seconds: 60) {
        (try status()["conditions"]?.array ?? []).contains { $0["type"]?.string == "Complete" }
    }
    try require(
        ended,
        "the Job is Complete though its controller was killed, and a finished pod deleted while it was down", seen: (try? status())?.text,
        idea: "What happened while it was down has to be seen from how things stand.")
    try expect(
        try status()["succeeded"]?.int, is: 6, "each success is counted once",
        idea: "Write down whom you will count, let him go, count him when he is gone.")
    let tracked = try pods(cluster).filter(isHeld)
    try expect(
        tracked.count, is: 0, "no pod of the Job is held any more",
        idea: "release holds the names of the counted.")
}

/// While the controller stands still, a pod finishes and is deleted; then the controller is killed, and the one that is
/// started in its place has seen none of it.
private func happensUnseen(_ cluster: LiveCluster) throws {
    func send(_ signal: Int32) throws {
        for process in try cluster.processes().all where process.component == "jobs" {
            kill(process.pid, signal)
        }
    }
    defer { try? send(SIGCONT) }
    // It may have been stopped between two pods, with none that could finish.
    for _ in 1...3 {
        try send(SIGSTOP)
        var finished: String?
        _ = try cluster.wait(seconds: 10) {
            finished = try pods(cluster).first { pod in
                pod.at("status", "phase")?.string == "Succeeded" && isHeld(pod)
            }?.at("metadata", "name")?.string
            return finished != nil
        }
        if let finished {
            _ = try cluster.kubectl(["delete", "pod", finished, "--wait=false"])
            return try send(SIGKILL)
        }
        try send(SIGCONT)
        usleep(300_000)
    }
    throw ClusterTrouble("no pod of the Job finished while its controller was stopped")
}

private func pods(_ cluster: LiveCluster) throws -> [JSON] {
    try cluster.json("get", "pods", "-l", "batch.kubernetes.io/job-name=six")["items"]?.array ?? []
}

private func isHeld(_ pod: JSON) -> Bool {
    (pod.at("metadata", "finalizers")?.array ?? []).isEmpty == false
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
