import ClientRules
import Logging
import Objects

/// What all controllers share: a client, a name, a queue of keys, and a voice. What is left to a controller is
/// which changes wake it, what it reads, what it decides, and what it writes.
public struct ControllerShell: Sendable {
    public let client: APIClient
    public let time: any TimeSource
    public let logger: Logger
    /// Keys of objects that want to be looked at.
    public let queue: WorkQueue
    public let events: EventRecorder

    /// - Parameters:
    ///   - name: in the log, and as the source of events: `replicaset-controller`.
    public init(client: APIClient, name: String, time: any TimeSource = MachineTime()) {
        (self.client, self.time) = (client, time)
        logger = Logger(label: name)
        queue = WorkQueue(time: time, logger: logger)
        events = EventRecorder(client: client, component: name, time: time)
    }

    /// An informer that speaks in this controller's log.
    public func informer<T: KubernetesObject>(
        _ type: T.Type = T.self, of resource: Resource = T.resource, namespace: String? = nil,
        labelSelector: String? = nil, fieldSelector: String? = nil, resyncSeconds: Int = 0,
        indexes: [String: ObjectIndex<T>] = [:]
    ) -> Informer<T> {
        Informer(
            client: client, of: resource, namespace: namespace, labelSelector: labelSelector,
            fieldSelector: fieldSelector, resyncSeconds: resyncSeconds, indexes: indexes,
            time: time, logger: logger)
    }

    /// Works until cancelled. The first key is worked on when all informers have heard what there is.
    /// - Parameters:
    ///   - informers: kept running here.
    ///   - others: run by somebody else, and waited for.
    ///   - tasks: what else the controller does all the while.
    ///   - sync: makes one object right; what it throws is logged once, and the key is tried again.
    public func run(
        _ informers: [any Following], beside others: [any Following] = [], workers: Int = 2,
        tasks: [@Sendable () async throws -> Void] = [],
        sync: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for informer in informers { group.addTask { try await informer.run() } }
            for task in tasks { group.addTask { try await task() } }
            group.addTask { try await events.run() }
            for informer in informers + others { await informer.waitUntilSynced() }
            logger.info("ready")
            try await queue.run(workers: workers, sync: sync)
        }
    }
}

/// An informer of some kind, whichever.
public protocol Following: Actor {
    func run() async throws
    func waitUntilSynced() async
}

extension Informer: Following {}
