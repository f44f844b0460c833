import ContractMiniCluster
import ControllerRules
import JSON
import SolutionMiniCluster
import Testing

/// Jobs as the documentation has them, around the reference of lab 19.
@Suite struct JobLookTests {
    private func job(_ spec: JSON, status: JSON? = nil) -> JSON {
        var job: JSON = [
            "metadata": ["name": "sum", "namespace": "shop", "uid": "j"], "spec": spec,
        ]
        job["status"] = status
        return job
    }

    private func pod(
        _ name: String, _ phase: String, index: Int? = nil, exit: Int? = nil, leaving: Bool = false,
        restarts: Int = 0
    ) -> JSON {
        var metadata: JSON = [
            "name": .string(name), "namespace": "shop", "uid": .string("uid-\(name)"),
            "finalizers": ["batch.kubernetes.io/job-tracking"],
            "ownerReferences": [["uid": "j", "kind": "Job", "name": "sum", "controller": true]],
        ]
        if let index {
            metadata["annotations"] = [
                "batch.kubernetes.io/job-completion-index": .string("\(index)")
            ]
        }
        if leaving { metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z" }
        var container: JSON = ["name": "c", "restartCount": JSON(restarts)]
        if let exit { container["state"] = ["terminated": ["exitCode": JSON(exit)]] }
        return [
            "metadata": metadata,
            "status": ["phase": .string(phase), "containerStatuses": [container]],
        ]
    }

    private func decide(_ job: JSON, _ pods: [JSON] = [], now: Int = 1000) throws -> JobDecision {
        let look = JobLook(job: job, pods: pods, now: now)
        return look.decision(try MiniCluster().sync(look.view))
    }

    private func names(_ pods: [JSON]) -> [String] {
        pods.compactMap { $0.at("metadata", "name")?.string }.sorted()
    }

    private func condition(_ decision: JobDecision, _ type: String) -> JSON? {
        decision.status?["conditions"]?.array?.first { $0["type"]?.string == type }
    }

    // MARK: suspend

    @Test func `a suspended Job makes no pods, sends away those that work, and has not started`()
        throws
    {
        let spec: JSON = ["suspend": true, "parallelism": 2, "completions": 2]
        let fresh = try decide(job(spec))
        #expect(fresh.create.isEmpty && fresh.status?["startTime"] == nil)
        #expect(condition(fresh, "Suspended")?["status"] == "True")
        let running = try decide(job(spec), [pod("a", "Running")])
        #expect(names(running.delete) == ["a"] && names(running.release) == ["a"])
        var resumed = spec
        resumed["suspend"] = false
        let again = try decide(job(resumed, status: fresh.status))
        #expect(again.create.count == 2 && again.status?["startTime"] != nil)
        #expect(condition(again, "Suspended")?["status"] == "False")
        let settled = try decide(job(spec, status: fresh.status))
        #expect(settled.status == nil, "what is as it was is not written again")
    }

    // MARK: deadlines

    @Test func `past its deadline a Job fails, and what works is sent away`() throws {
        let spec: JSON = ["activeDeadlineSeconds": 100, "completions": 1]
        let started: JSON = ["active": 1, "startTime": "1970-01-01T00:15:00Z"]
        let early = try decide(job(spec, status: started), [pod("a", "Running")], now: 999)
        #expect(early.ending == nil && early.againInSeconds == 1)
        let late = try decide(job(spec, status: started), [pod("a", "Running")], now: 1000)
        #expect(
            late.ending
                == .failed("DeadlineExceeded", "Job was active longer than specified deadline"))
        #expect(names(late.delete) == ["a"] && late.create.isEmpty)
        #expect(condition(late, "Failed")?["reason"] == "DeadlineExceeded")
    }

    @Test func `a finished Job is over when its time to live is`() throws {
        let status: JSON = [
            "succeeded": 1,
            "conditions": [
                [
                    "type": "Complete", "status": "True",
                    "lastTransitionTime": "1970-01-01T00:15:00Z",
                ]
            ],
        ]
        let spec: JSON = ["ttlSecondsAfterFinished": 60]
        let early = try decide(job(spec, status: status), now: 950)
        #expect(!early.isOver && early.againInSeconds == 10)
        #expect(try decide(job(spec, status: status), now: 960).isOver)
        #expect(try !decide(job([:], status: status), now: 9_999_999).isOver)
    }

    @Test("Numbers at their extremes end nothing", arguments: [Int.min, -1, 0, 1, Int.max])
    func extremes(number: Int) throws {
        var spec: JSON = [:]
        for name in [
            "parallelism", "completions", "backoffLimit", "activeDeadlineSeconds",
            "ttlSecondsAfterFinished",
        ] { spec[name] = JSON(number) }
        for mode in ["Indexed", "NonIndexed"] {
            spec["completionMode"] = .string(mode)
            var status: JSON = [
                "startTime": "1970-01-01T00:00:00Z", "completedIndexes": "1,3-9223372036854775807",
            ]
            for name in ["active", "succeeded", "failed"] { status[name] = JSON(number) }
            let decision = try decide(
                job(spec, status: status), [pod("a", "Running", index: number)])
            #expect(decision.create.count <= 500)
        }
    }

    // MARK: work queues

    @Test func `a work queue is done when one has succeeded and all have ended`() throws {
        let spec: JSON = ["parallelism": 2]
        let fresh = try decide(job(spec))
        #expect(fresh.create.count == 2)
        let one = try decide(
            job(spec, status: fresh.status), [pod("a", "Succeeded"), pod("b", "Running")])
        #expect(one.create.isEmpty && one.delete.isEmpty && one.ending == nil)
        let counted = try decide(job(spec, status: one.status), [pod("b", "Running")])
        #expect(counted.status?["succeeded"] == 1 && counted.ending == nil)
        let both = try decide(job(spec, status: counted.status), [pod("b", "Succeeded")])
        #expect(both.ending == .complete)
        let end = try decide(job(spec, status: both.status))
        #expect(end.status?["succeeded"] == 2)
    }

    @Test func `after a success a work queue replaces nobody who fails`() throws {
        let counted: JSON = ["succeeded": 1, "active": 2, "startTime": "1970-01-01T00:00:00Z"]
        let decision = try decide(
            job(["parallelism": 3], status: counted), [pod("a", "Failed"), pod("b", "Running")])
        #expect(decision.create.isEmpty && decision.ending == nil)
    }

    // MARK: indexes

    @Test func `each index succeeds once, and the lowest that nobody has is next`() throws {
        let spec: JSON = [
            "completionMode": "Indexed", "completions": 5, "parallelism": 3,
            "template": ["spec": ["containers": [["name": "c", "image": "i"]]]],
        ]
        let pods = [
            pod("a", "Succeeded", index: 0), pod("b", "Running", index: 1),
            pod("c", "Failed", index: 2), pod("d", "Succeeded", index: 0),
        ]
        let decision = try decide(job(spec, status: ["completedIndexes": ""]), pods)
        #expect(decision.status?["completedIndexes"] == "0")
        #expect(decision.status?.at("uncountedTerminatedPods", "succeeded")?.array?.count == 1)
        #expect(
            names(decision.release) == ["a", "c", "d"], "the second success is let go uncounted")
        let indexes = decision.create.map {
            $0.at("metadata", "annotations", "batch.kubernetes.io/job-completion-index")?.string
        }
        #expect(indexes == ["2", "3"])
        let body = decision.create[0]
        #expect(body.at("metadata", "generateName") == "sum-2-")
        #expect(body.at("spec", "hostname") == "sum-2")
        let env = body.at("spec", "containers")?[0]?["env"]?[0]
        #expect(env?["name"] == "JOB_COMPLETION_INDEX")
    }

    @Test func `completed indexes are ranges`() {
        var indexes = JobIndexes("1,3-5,junk,9-7,2")
        #expect(indexes.description == "1,3-5")
        for index in [2, 7, 0, 5] { indexes.insert(index) }
        #expect(indexes.description == "0-5,7")
        #expect(indexes.free(3, below: 12, taken: [8]) == [6, 9, 10])
        #expect(JobIndexes("0-2147483647").free(1, below: 1 << 31, taken: []).isEmpty)
    }

    // MARK: failures

    private func policy(_ action: String) -> JSON {
        [
            "backoffLimit": 0,
            "podFailurePolicy": [
                "rules": [
                    [
                        "action": .string(action),
                        "onExitCodes": [
                            "containerName": "c", "operator": "In", "values": [42, 43],
                        ],
                    ],
                    [
                        "action": "Ignore",
                        "onPodConditions": [["type": "DisruptionTarget", "status": "True"]],
                    ],
                ]
            ],
        ]
    }

    @Test func `after each failure in a row a Job waits twice as long, and a success ends the row`()
        throws
    {
        func ended(_ name: String, _ phase: String, _ second: Int) -> JSON {
            var pod = pod(name, phase, exit: phase == "Failed" ? 1 : 0)
            pod["status"] = [
                "phase": .string(phase),
                "containerStatuses": [
                    [
                        "name": "c",
                        "state": [
                            "terminated": [
                                "exitCode": 1,
                                "finishedAt": .string("1970-01-01T00:16:\(second)Z"),
                            ]
                        ],
                    ]
                ],
            ]
            return pod
        }
        let spec: JSON = ["completions": 9]
        let failed = [ended("a", "Failed", 20), ended("b", "Failed", 40)]  // 976 and 1000
        let early = try decide(job(spec), failed, now: 1019)
        #expect(early.create.isEmpty && early.againInSeconds == 1)
        #expect(early.status?["active"] == 0)
        #expect(try decide(job(spec), failed, now: 1020).create.count == 1)
        let mixed = [ended("a", "Failed", 20), ended("b", "Succeeded", 40)]
        #expect(try decide(job(spec), mixed, now: 1001).create.count == 1)
    }

    @Test func `a rule FailJob ends the Job at once, with the container and its exit code`() throws
    {
        let decision = try decide(
            job(policy("FailJob")), [pod("a", "Failed", exit: 42), pod("b", "Running")])
        #expect(
            decision.ending
                == .failed(
                    "PodFailurePolicy",
                    "Container c for pod shop/a failed with exit code 42 matching FailJob rule at index 0"
                ))
        #expect(names(decision.delete) == ["b"])
    }

    @Test func `a rule Ignore lets a failure go uncounted, and another pod takes its place`() throws
    {
        let decision = try decide(job(policy("Ignore")), [pod("a", "Failed", exit: 42)])
        #expect(decision.ending == nil && decision.create.count == 1)
        #expect(names(decision.release) == ["a"])
        #expect(decision.status?.at("uncountedTerminatedPods", "failed")?.array?.isEmpty == true)
        let counted = try decide(job(policy("Ignore")), [pod("a", "Failed", exit: 1)])
        #expect(
            counted.ending
                == .failed(
                    "BackoffLimitExceeded", "Job has reached the specified backoff limit"))
    }

    @Test func `with a failure policy a pod on its way out is replaced when it has ended`() throws {
        var spec = policy("Count")
        spec["backoffLimit"] = 3
        let leaving = try decide(job(spec), [pod("a", "Running", leaving: true)])
        #expect(leaving.create.isEmpty && leaving.delete.isEmpty)
        spec["podReplacementPolicy"] = "TerminatingOrFailed"
        #expect(try decide(job(spec), [pod("a", "Running", leaving: true)]).create.count == 1)
    }

    @Test func `with OnFailure the restarts of containers count against the limit`() throws {
        let spec: JSON = [
            "backoffLimit": 2, "template": ["spec": ["restartPolicy": "OnFailure"]],
        ]
        #expect(try decide(job(spec), [pod("a", "Running", restarts: 1)]).ending == nil)
        let ending = try decide(job(spec), [pod("a", "Running", restarts: 2)]).ending
        #expect(
            ending
                == .failed(
                    "BackoffLimitExceeded", "Job has reached the specified backoff limit"))
    }
}
