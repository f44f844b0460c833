@_exported import Contract

/// Lab 19: the whole cluster on your own parts: run it, break it, find out why, and give it a controller
/// of your own.
///
/// Sources: Kubernetes documentation, "Jobs", "Job tracking with finalizers" and "Controllers";
/// k8s.io/kubernetes pkg/controller/job.
public protocol MiniClusterContract: Sendable {
    /// Steps 19.2 to 19.4: what is wrong with the running cluster.
    /// - Parameter drill: which of the three faults that `lab try 19 fault N` puts into it: 1 to 3.
    func diagnosis(_ drill: Int) throws -> Diagnosis

    /// Steps 19.5 to 19.7: one look at a Job and its pods, and what to do.
    ///
    /// The kit's informer calls this after each change of either, and after a restart; what was missed
    /// meanwhile is seen only in how things stand. A view is never older than the controller's own last
    /// writes. A plan is performed in this order, and the controller may be killed between any two:
    /// status, release, create, delete.
    func sync(_ view: JobView) throws -> JobPlan
}

/// The part of lab 19.
public protocol MiniClusterPart: Part, MiniClusterContract {}

// MARK: 19.2 to 19.4

/// What was found out about a broken cluster.
public struct Diagnosis: Codable, Hashable, Sendable {
    public enum Cause: String, Codable, Hashable, Sendable, CaseIterable {
        /// The program is there, but does nothing: stopped, or stuck.
        case processStopped
        /// A Service's selector fits no pod.
        case selectorMatchesNothing
        /// A container's image is nowhere to be had.
        case imageMissing
        /// A pod asks for more than any node has.
        case requestTooBig
        /// A readiness probe asks for what the container never answers.
        case probeWrong
        /// A node has no route to the pods of another.
        case routeMissing
        /// A node's packet rules are not what the API server's objects ask for.
        case rulesMissing
        /// A controller is not allowed to do what it has to do.
        case permissionMissing
    }
    /// Where the fault is: a component as `lab status` lists it (`scheduler`, `kubelet-2`, `node-3`), or
    /// an object as kubectl writes it (`service/shop`).
    public var component: String
    public var cause: Cause
    /// The command that shows it, word for word, beginning with `kubectl` or `lab`: no shell stands
    /// between, so no pipes.
    public var command: String

    public init(component: String, cause: Cause, command: String) {
        (self.component, self.cause, self.command) = (component, cause, command)
    }
}

// MARK: 19.5 to 19.7

/// A Job, its pods, and the time.
public struct JobView: Codable, Hashable, Sendable {
    public var job: JobFacts
    /// The pods that it owns, in any order, also those that are finished or on their way out.
    public var pods: [JobPod]
    /// Seconds since 1970.
    public var now: Int

    public init(job: JobFacts, pods: [JobPod], now: Int) {
        (self.job, self.pods, self.now) = (job, pods, now)
    }
}

public struct JobFacts: Codable, Hashable, Sendable {
    public var name: String
    /// How many pods have to succeed.
    public var completions: Int
    /// How many may run at once.
    public var parallelism: Int
    /// How many may fail before the Job is given up.
    public var backoffLimit: Int
    /// What the status says now.
    public var status: JobNumbers

    public init(
        name: String, completions: Int = 1, parallelism: Int = 1, backoffLimit: Int = 6,
        status: JobNumbers = JobNumbers()
    ) {
        (self.name, self.completions, self.parallelism) = (name, completions, parallelism)
        (self.backoffLimit, self.status) = (backoffLimit, status)
    }
}

public struct JobPod: Codable, Hashable, Sendable {
    public enum Phase: String, Codable, Hashable, Sendable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"
    }
    public var name: String
    public var uid: String
    public var phase: Phase
    /// metadata.deletionTimestamp is set.
    public var terminating: Bool
    /// The finalizer `batch.kubernetes.io/job-tracking` is there: the pod can't vanish before it is
    /// released.
    public var tracked: Bool

    public init(
        _ name: String, uid: String, _ phase: Phase, terminating: Bool = false, tracked: Bool = true
    ) {
        (self.name, self.uid, self.phase) = (name, uid, phase)
        (self.terminating, self.tracked) = (terminating, tracked)
    }

    /// `.succeeded` or `.failed` once it does no work any more; nil while it may. A pod on its way out
    /// that has not succeeded counts as failed, whatever it is doing.
    public var outcome: Phase? {
        switch phase {
        case .succeeded, .failed: phase
        case .pending, .running: terminating ? .failed : nil
        }
    }
}

/// The status of a Job.
public struct JobNumbers: Codable, Hashable, Sendable {
    public var active: Int
    public var succeeded: Int
    public var failed: Int
    /// UIDs of finished pods that are about to be counted: written down here first, then their
    /// finalizers are taken away, then they are counted. Sorted.
    public var uncountedSucceeded: [String]
    public var uncountedFailed: [String]
    /// `Complete`, `Failed` or nil.
    public var condition: String?
    /// Seconds since 1970.
    public var startTime: Int?
    /// When it became Complete, and only then.
    public var completionTime: Int?

    public init(
        active: Int = 0, succeeded: Int = 0, failed: Int = 0, uncountedSucceeded: [String] = [],
        uncountedFailed: [String] = [], condition: String? = nil, startTime: Int? = nil,
        completionTime: Int? = nil
    ) {
        (self.active, self.succeeded, self.failed) = (active, succeeded, failed)
        (self.uncountedSucceeded, self.uncountedFailed) = (uncountedSucceeded, uncountedFailed)
        (self.condition, self.startTime, self.completionTime) = (
            condition, startTime, completionTime
        )
    }
}

/// What to do, in this order.
public struct JobPlan: Codable, Hashable, Sendable {
    /// Written first.
    public var status: JobNumbers
    /// Names of pods whose finalizer is taken away.
    public var release: [String]
    /// How many pods to make.
    public var create: Int
    /// Names of pods to delete.
    public var delete: [String]

    public init(
        status: JobNumbers = JobNumbers(), release: [String] = [], create: Int = 0,
        delete: [String] = []
    ) {
        (self.status, self.release) = (status, release)
        (self.create, self.delete) = (create, delete)
    }
}
