import ClientRules
import Logging

/// Keys of objects that want to be looked at, each worked on by one worker at a time.
///
/// `run` is the whole loop of a controller: take a key, make the world as that object wants it, and try
/// again later, ever later, where that failed.
public actor WorkQueue {
    private var state = WorkQueueState()
    private var idle: [CheckedContinuation<Void, Never>] = []
    private let time: any TimeSource
    private let backoff: Backoff
    private let logger: Logger
    /// Additions for later, which `run` waits for in child tasks of its own.
    private let later: AsyncStream<Wish>
    private let laterInput: AsyncStream<Wish>.Continuation
    /// The earliest wish for each key, in monotonic milliseconds.
    private var dueAt: [String: Int] = [:]
    private var isShutDown = false
    private struct Wish {
        let key: String
        let due: Int
    }
    /// What was said last about a key, so that a lasting trouble is one line and not a flood.
    private var lastReports: [String: String] = [:]

    public init(
        time: any TimeSource = MachineTime(),
        backoff: Backoff = Backoff(firstMilliseconds: 5, limitMilliseconds: 10_000),
        logger: Logger? = nil
    ) {
        self.time = time
        self.backoff = backoff
        self.logger = logger ?? Logger(label: "queue")
        (later, laterInput) = AsyncStream.makeStream()
    }

    public func add(_ key: String) {
        if state.add(key) { wakeOne() }
    }

    /// Adds the key after a while; it may come sooner for other reasons. Of several such wishes for one key
    /// the earliest counts, so that a controller which always wants to look again has one timer and not many.
    public func add(_ key: String, afterMilliseconds milliseconds: Int) {
        if milliseconds <= 0 { return add(key) }
        let due = time.monotonicMilliseconds + milliseconds
        if let earlier = dueAt[key], earlier <= due { return }
        dueAt[key] = due
        laterInput.yield(Wish(key: key, due: due))
    }

    private func fulfil(_ wish: Wish) async throws {
        try await time.sleep(milliseconds: max(0, wish.due - time.monotonicMilliseconds))
        guard dueAt[wish.key] == wish.due else { return }
        dueAt[wish.key] = nil
        add(wish.key)
    }

    /// Adds the key after its back-off, which doubles with each failure in a row.
    public func retry(_ key: String) {
        let failures = state.failed(key)
        add(key, afterMilliseconds: backoff.milliseconds(failures: failures))
    }

    /// Works on keys until cancelled.
    /// - Parameter sync: makes one object right; what it throws is logged once, and the key is tried again.
    public func run(workers: Int = 2, sync: @escaping @Sendable (String) async throws -> Void)
        async throws
    {
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<workers { group.addTask { try await self.work(sync) } }
            // Ends when this task is cancelled.
            for await wish in later { group.addTask { try await self.fulfil(wish) } }
            shutDown()
        }
        try Task.checkCancellation()
    }

    private func work(_ sync: @Sendable (String) async throws -> Void) async throws {
        while let key = await next() {
            do {
                try await sync(key)
                state.forget(key)
                lastReports[key] = nil
            } catch is CancellationError {
                return
            } catch {
                report(error, key)
                retry(key)
            }
            if state.done(key) { wakeOne() }
        }
    }

    private func next() async -> String? {
        while !isShutDown {
            if let key = state.take() { return key }
            await withCheckedContinuation { idle.append($0) }
        }
        return nil
    }

    /// A conflict is the normal course of things: someone was faster, and the next try sees what they did.
    private func report(_ error: any Error, _ key: String) {
        if (error as? APIError)?.isConflict == true {
            logger.debug("\(key): \(error)")
        } else if lastReports[key] != "\(error)" {
            lastReports[key] = "\(error)"
            logger.warning("\(key): \(error); trying again")
        }
    }

    private func wakeOne() {
        if !idle.isEmpty { idle.removeFirst().resume() }
    }

    private func shutDown() {
        isShutDown = true
        while !idle.isEmpty { wakeOne() }
    }
}
