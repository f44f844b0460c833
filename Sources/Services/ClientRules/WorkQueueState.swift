/// Which keys wait, which are being worked on, and how often each has failed: the decisions of a `WorkQueue`.
///
/// A key that is added while it waits waits once; added while it is worked on, it comes again afterwards.
/// So no key has two workers, and no change is missed. Source: client-go's workqueue.
public struct WorkQueueState {
    private var order: [String] = []
    /// Where in `order` the next one stands. What was taken is dropped in one go, so that a take costs the same
    /// whether ten keys wait or ten thousand.
    private var first = 0
    private var waiting: Set<String> = []
    private var working: Set<String> = []
    private var failures: [String: Int] = [:]

    public init() {}

    public var count: Int { order.count - first }

    /// True when a worker should be woken for it.
    public mutating func add(_ key: String) -> Bool {
        guard waiting.insert(key).inserted else { return false }
        if working.contains(key) { return false }
        order.append(key)
        return true
    }

    /// The next key to work on. Give it back with `done`.
    public mutating func take() -> String? {
        guard count > 0 else { return nil }
        let key = order[first]
        first += 1
        if first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
        waiting.remove(key)
        working.insert(key)
        return key
    }

    /// True when the key was added meanwhile and waits again.
    public mutating func done(_ key: String) -> Bool {
        working.remove(key)
        guard waiting.contains(key) else { return false }
        order.append(key)
        return true
    }

    /// Counts a failure and gives how many there have been in a row.
    public mutating func failed(_ key: String) -> Int {
        failures[key, default: 0] += 1
        return failures[key]!
    }

    public mutating func forget(_ key: String) { failures[key] = nil }
}
