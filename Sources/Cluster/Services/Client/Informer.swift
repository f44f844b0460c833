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
    private let resource: Resource
    private let namespace: String?
    private let labelSelector: String?
    private let fieldSelector: String?
    private let time: any TimeSource
    private let resyncSeconds: Int
    private let logger: Logger

    private var cache: ObjectCache<T>
    private var handlers: [Handler] = []
    /// Changes that the handlers have not seen yet, and whether somebody is showing them.
    private var undelivered: [CacheChange<T>] = []
    private var isDelivering = false
    private var failures = 0
    private var stopped = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// The first list has been taken in.
    public private(set) var synced = false

    /// - Parameters:
    ///   - resource: for a type that stands for many kinds.
    ///   - resyncSeconds: how often every object is handed to the handlers again, in case one was
    ///     dropped on the floor; 0 for never.
    ///   - indexes: by name; see `objects`.
    public init(
        client: APIClient, type: T.Type = T.self, of resource: Resource = T.resource,
        namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil,
        resyncSeconds: Int = 0, indexes: [String: ObjectIndex<T>] = [:],
        time: any TimeSource = MachineTime(), logger: Logger? = nil
    ) {
        cache = ObjectCache(indexes: indexes)
        self.client = client
        self.resource = resource
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
        self.resyncSeconds = resyncSeconds
        self.time = time
        self.logger = logger ?? Logger(label: "informer")
    }

    /// Calls `handler` with every change, one at a time, in order. An object that took another's name is two
    /// changes: the one is deleted, the other added.
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

    /// The objects that the index of that name has under `value`, sorted by key.
    public func objects(_ index: String, _ value: String) -> [T] { cache.objects(index, value) }

    /// The values under which that index finds anything, sorted.
    public func values(_ index: String) -> [String] { cache.values(index) }

    /// False while the API server is away: then the cache says how things were, not how they are.
    public var isFollowing: Bool { synced && failures == 0 }

    /// Takes in what the server answered to a write of our own, so that the next look does not decide on
    /// the state before it.
    public func learn(_ object: T) async {
        if let change = cache.learn(object) { await deliver([change]) }
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
                if failures == 1 { logger.warning("\(resource.plural): \(error); trying again") }
                let wait = backoff.milliseconds(failures: failures)
                try await time.sleep(
                    milliseconds: Backoff.jittered(wait, dice: .random(in: 0..<1)))
            }
        }
    }

    private func list() async throws {
        let list = try await client.list(
            T.self, of: resource, namespace: namespace, labelSelector: labelSelector,
            fieldSelector: fieldSelector)
        answered()
        await deliver(cache.replace(with: list))
        synced = true
        releaseWaiting()
    }

    /// One watch, until the server ends it. Ending is normal; ending at once, again and again, is not.
    private func watch() async throws {
        let start = time.monotonicMilliseconds
        let events = client.watch(
            T.self, of: resource, namespace: namespace, labelSelector: labelSelector,
            fieldSelector: fieldSelector, resourceVersion: cache.resourceVersion)
        for try await event in events {
            answered()
            if let change = cache.apply(event) { await deliver([change]) }
        }
        try Task.checkCancellation()
        if time.monotonicMilliseconds - start < 1000 { try await time.sleep(milliseconds: 1000) }
    }

    private func answered() {
        if failures > 0 { logger.notice("\(resource.plural): the API server is back") }
        failures = 0
    }

    /// The cache is ahead of the handlers by what is still being shown to them; whoever comes while somebody is
    /// at it leaves his changes to that one, so that no handler ever sees the younger before the older.
    private func deliver(_ changes: [CacheChange<T>]) async {
        undelivered += changes.flatMap(\.steps)
        if isDelivering { return }
        isDelivering = true
        defer { isDelivering = false }
        while !undelivered.isEmpty {
            let next = undelivered
            undelivered = []
            for change in next { for handler in handlers { await handler(change) } }
        }
    }

    private func resync() async throws {
        while true {
            try await time.sleep(milliseconds: resyncSeconds * 1000)
            await deliver(snapshot.map { .updated(old: $0, new: $0) })
        }
    }

    private func releaseWaiting() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
