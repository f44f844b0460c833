import ContractMiniCluster

/// The open step: tests of a Job controller. `part` is the reference, or one that is wrong.
public struct JobTests: MiniClusterTests {
    public init() {}

    public func test(_ part: any MiniClusterContract) throws {
        // step 19.9 begin
        let fresh = JobFacts(name: "sum", completions: 5, parallelism: 2, backoffLimit: 1)
        func plan(_ job: JobFacts, _ pods: [JobPod]) throws -> JobPlan {
            try part.sync(JobView(job: job, pods: pods, now: 100))
        }
        try expect(plan(fresh, []).create == 2, "as many pods as may run at once")
        let one = JobPod("sum-a", uid: "a", .running)
        try expect(plan(fresh, [one]).create == 1, "no more than that")
        let done = JobPod("sum-b", uid: "b", .succeeded)
        let first = try plan(fresh, [one, done])
        try expect(
            first.status.uncountedSucceeded == ["b"] && first.status.succeeded == 0
                && first.release == ["sum-b"], "written down before it is counted")
        var noted = fresh
        noted.status = first.status
        try expect(
            plan(noted, [one, done]).status.succeeded == 0,
            "not counted while it may still be there")
        let counted = try plan(noted, [one])
        try expect(
            counted.status.succeeded == 1 && counted.status.uncountedSucceeded.isEmpty,
            "counted once it was released")
        try ends(plan, fresh)
        // step 19.9 end
    }

    private func ends(_ plan: (JobFacts, [JobPod]) throws -> JobPlan, _ fresh: JobFacts) throws {
        var last = fresh
        last.status.succeeded = 4
        try expect(plan(last, []).create == 1, "no more pods than there is work")
        let both = [JobPod("sum-a", uid: "a", .running), JobPod("sum-b", uid: "b", .running)]
        let fewer = try plan(last, both)
        try expect(fewer.delete.count == 1, "one too many goes")
        try expect(fewer.release == fewer.delete, "whom it sends away itself it lets go")
        last.status.succeeded = 5
        let complete = try plan(last, both)
        try expect(
            complete.status.condition == "Complete" && complete.status.completionTime == 100
                && complete.create == 0 && complete.delete.count == 2,
            "a complete Job has no pods at work")
        var bad = fresh
        bad.status.failed = 1
        try expect(plan(bad, []).status.condition == nil, "the limit itself may be reached")
        bad.status.failed = 2
        let failed = try plan(bad, [])
        try expect(
            failed.status.condition == "Failed" && failed.create == 0
                && failed.status.completionTime == nil,
            "beyond it, the Job fails, and never completes")
        let leaving = JobPod("sum-a", uid: "a", .running, terminating: true)
        try expect(plan(fresh, [leaving]).create == 2, "a pod on its way out does no work")
    }
}
