import ClientRules
import Logging
import Objects

/// A cache of one kind that keeps itself up to date: lists, then watches from the list's resourceVersion.
///
/// Rules for its users: register handlers before `run`; treat what it hands out as read-only copies; decide
/// from the cache and let the API server refuse what is stale.
public actor Informer<T: KubernetesObject> {
    public typealias Handler = @Sendable (CacheChange<T>) async -> Void

    private let client: APIClient
    private let namespace: String?
    private let labelSelector: String?
    private let fieldSelector: String?
    private let time: any TimeSource
    private let resyncSeconds: Int
    private let logger: Logger

    private var cache = ObjectCache<T>()
    private var handlers: [Handler] = []
    private var failures = 0
    private var stopped = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// The first list has been taken in.
    public private(set) var synced = false

    /// - Parameter resyncSeconds: how often every object is handed to the handlers again, in case one was
    ///   dropped on the floor; 0 for never.
    public init(
        client: APIClient, type: T.Type = T.self, namespace: String? = nil,
        labelSelector: String? = nil, fieldSelector: String? = nil, resyncSeconds: Int = 0,
        time: any TimeSource = MachineTime(), logger: Logger? = nil
    ) {
        self.client = client
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.resyncSeconds = resyncSeconds
        self.time = time
        self.logger = logger ?? Logger(label: "informer")
    }

    /// Calls `handler` with every change, one at a time, in order.
    public func onChange(_ handler: @escaping Handler) { handlers.append(handler) }

    /// Puts the key of every changed object into `queue`.
    public func feed(_ queue: WorkQueue) {
        onChange { await queue.add($0.key) }
    }

    /// All objects, sorted by key.
    public var snapshot: [T] {
        cache.objects.sorted { $0.key < $1.key }.map(\.value)
    }

    public func get(namespace: String? = nil, name: String) -> T? {
        get(key: namespace.map { "\($0)/\(name)" } ?? name)
    }

    public func get(key: String) -> T? { cache.objects[key] }

    /// False while the API server is away: then the cache says how things were, not how they are.
    public var isFollowing: Bool { synced && failures == 0 }

    /// Takes in what the server answered to a write of our own, so that the next look does not decide on
    /// the state before it.
    public func learn(_ object: T) async {
        if let change = cache.learn(object) { await deliver(change) }
    }

    /// Returns when the first list has been taken in, or never will be since `run` has ended.
    public func waitUntilSynced() async {
        if synced || stopped { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Lists and watches until cancelled. The server's absence is no error: it is logged once and waited out.
    public func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            if resyncSeconds > 0 { group.addTask { try await self.resync() } }
            try await follow()
        }
    }

    private func follow() async throws {
        defer {
            stopped = true
            releaseWaiting()
        }
        let backoff = Backoff(firstMilliseconds: 100, limitMilliseconds: 5000)
        while true {
            try Task.checkCancellation()
            do {
                try await list()
                while true { try await watch() }
            } catch let error as APIError where error.isGone {
                continue
            } catch {
                try Task.checkCancellation()
                failures += 1
                if failures == 1 { logger.warning("\(T.resource.plural): \(error); trying again") }
                let wait = backoff.milliseconds(failures: failures)
                try await time.sleep(
                    milliseconds: Backoff.jittered(wait, dice: .random(in: 0..<1)))
            }
        }
    }

    private func list() async throws {
        let (items, version) = try await client.list(
            T.self, namespace: namespace, labelSelector: labelSelector,
            fieldSelector: fieldSelector)
        answered()
        let changes = cache.replace(with: items, resourceVersion: version)
        for change in changes { await deliver(change) }
        synced = true
        releaseWaiting()
    }

    /// One watch, until the server ends it. Ending is normal; ending at once, again and again, is not.
    private func watch() async throws {
        let start = time.monotonicMilliseconds
        let events = client.watch(
            T.self, namespace: namespace, labelSelector: labelSelector,
            fieldSelector: fieldSelector, resourceVersion: cache.resourceVersion)
        for try await event in events {
            answered()
            if let change = cache.apply(event) { await deliver(change) }
        }
        try Task.checkCancellation()
        if time.monotonicMilliseconds - start < 1000 { try await time.sleep(milliseconds: 1000) }
    }

    private func answered() {
        if failures > 0 { logger.notice("\(T.resource.plural): the API server is back") }
        failures = 0
    }

    private func deliver(_ change: CacheChange<T>) async {
        for handler in handlers { await handler(change) }
    }

    private func resync() async throws {
        while true {
            try await time.sleep(milliseconds: resyncSeconds * 1000)
            for object in snapshot { await deliver(.updated(old: object, new: object)) }
        }
    }

    private func releaseWaiting() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
