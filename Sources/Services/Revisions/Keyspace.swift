/// One state of one key.
public struct Version: Hashable, Sendable {
    public var createRevision: Int
    public var modRevision: Int
    /// Orders the changes of one revision, from 0.
    public var sub: Int
    public var version: Int
    public var value: [UInt8]
    public var lease: Int64
    public var isDeleted: Bool

    public init(
        createRevision: Int, modRevision: Int, sub: Int, version: Int, value: [UInt8], lease: Int64,
        isDeleted: Bool
    ) {
        self.createRevision = createRevision
        self.modRevision = modRevision
        self.sub = sub
        self.version = version
        self.value = value
        self.lease = lease
        self.isDeleted = isDeleted
    }
}

/// A change of one key.
public struct Change: Hashable, Sendable {
    public var key: Key
    public var version: Version
    public init(key: Key, version: Version) {
        self.key = key
        self.version = version
    }
}

/// What a driver that keeps the keyspace on a disk has to write.
public enum JournalItem: Hashable, Sendable {
    case change(Change)
    /// The past before this revision is gone, and these versions with it.
    case compacted(revision: Int, removed: [Change])
    case leaseGranted(id: Int64, ttl: Int)
    case leaseRevoked(id: Int64)
}

/// All keys with their history since the last compaction, and the leases. The same requests in the same
/// order give the same keyspace on every member.
public struct Keyspace: Sendable {
    public struct Lease: Hashable, Sendable {
        /// Seconds.
        public var ttl: Int
        public var keys: Set<Key> = []
    }

    /// The newest revision. An empty store is at 1, its first change is revision 2.
    public internal(set) var revision = 1
    /// The past before this revision is gone; -1, as with etcd: no compaction yet.
    public internal(set) var compactRevision = -1
    public internal(set) var leases: [Int64: Lease] = [:]
    /// Every change since the compaction, in order.
    public internal(set) var changes: [Change] = []
    /// What happened since `takeJournal()` was called last.
    var journal: [JournalItem] = []

    var histories: [Key: [Version]] = [:]
    var keys = SortedKeys()
    /// The next change's place in the revision being made.
    var sub = 0

    public init() {}

    public mutating func takeJournal() -> [JournalItem] {
        defer { journal = [] }
        return journal
    }

    /// How many keys have a history, deleted ones among them.
    public var keyCount: Int { keys.count }

    // MARK: Looking

    /// The key's state after all changes up to `revision`; nil where it did not exist.
    func version(of key: Key, at revision: Int) -> Version? {
        guard let history = histories[key] else { return nil }
        guard let found = history.last(where: { $0.modRevision <= revision }) else { return nil }
        return found.isDeleted ? nil : found
    }

    func keyValue(_ key: Key, _ version: Version) -> KeyValue {
        KeyValue(
            key: key, createRevision: version.createRevision, modRevision: version.modRevision,
            version: version.version, value: version.value, lease: version.lease)
    }

    /// The changes from a revision on, as a watcher sees them.
    ///
    /// - Throws: `RevisionError.compacted` where they are not all there any more.
    public func events(from first: Int, matching range: KeyRange, withPrevious: Bool) throws
        -> [Event]
    {
        guard first >= compactRevision else { throw RevisionError.compacted }
        var events: [Event] = []
        for change in changes[firstChange(from: first)...] where range.contains(change.key) {
            events.append(event(for: change, withPrevious: withPrevious))
        }
        return events
    }

    /// The place in `changes` of the first one of a revision or later.
    public func firstChange(from revision: Int) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].version.modRevision < revision {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// What watches are told of a change. What is new has nothing before it, even where the same transaction deleted
    /// a key and made it again, as etcd has it.
    public func event(for change: Change, withPrevious: Bool) -> Event {
        let version = change.version
        let isNew = !version.isDeleted && version.createRevision == version.modRevision
        let before = withPrevious && !isNew ? self.version(of: change.key, at: version.modRevision - 1) : nil
        return Event(
            isDelete: version.isDeleted, kv: keyValue(change.key, version),
            previous: before.map { keyValue(change.key, $0) })
    }

    // MARK: Changing

    /// Puts a version into the history. The revision becomes the change's.
    mutating func record(_ change: Change) {
        let before = histories[change.key]?.last
        if let lease = before?.lease, lease != 0 { leases[lease]?.keys.remove(change.key) }
        if change.version.lease != 0 { leases[change.version.lease]?.keys.insert(change.key) }
        if before == nil { keys.insert(change.key) }
        histories[change.key, default: []].append(change.version)
        changes.append(change)
    }

    mutating func note(_ key: Key, _ version: Version) {
        let change = Change(key: key, version: version)
        record(change)
        journal.append(.change(change))
        sub += 1
    }

    /// Whatever changed since the last revision makes a new one; nothing changed, no new one.
    mutating func endRevision() {
        if sub > 0 { revision += 1 }
        sub = 0
    }

    /// Forgets the history before a revision; the state at it stays readable.
    public mutating func compact(to wanted: Int) throws {
        guard wanted > compactRevision else { throw RevisionError.compacted }
        guard wanted <= revision else { throw RevisionError.futureRevision }
        let touched = Set(changes[..<firstChange(from: wanted + 1)].map(\.key))
        let removed = touched.sorted().flatMap { compactHistory(of: $0, to: wanted) }
        changes.removeFirst(firstChange(from: wanted))
        compactRevision = wanted
        journal.append(.compacted(revision: wanted, removed: removed))
    }

    private mutating func compactHistory(of key: Key, to wanted: Int) -> [Change] {
        guard let history = histories[key],
            let last = history.lastIndex(where: { $0.modRevision <= wanted })
        else { return [] }
        // A deletion has nothing to keep, unless it is this revision's change: a watch may still ask for that.
        let isGone = history[last].isDeleted && history[last].modRevision < wanted
        let firstKept = isGone ? last + 1 : last
        if firstKept == history.count {
            histories[key] = nil
            keys.remove(key)
        } else {
            histories[key] = Array(history[firstKept...])
        }
        return history[..<firstKept].map { Change(key: key, version: $0) }
    }

    // MARK: Leases

    public mutating func grantLease(id: Int64, ttl: Int) throws {
        guard ttl <= 9_000_000_000 else { throw RevisionError.leaseTTLTooLarge }
        guard leases[id] == nil else { throw RevisionError.leaseExists }
        leases[id] = Lease(ttl: ttl)
        journal.append(.leaseGranted(id: id, ttl: ttl))
    }

    /// Ends a lease; its keys go with it, at one revision.
    public mutating func revokeLease(id: Int64) throws {
        guard let lease = leases[id] else { throw RevisionError.leaseNotFound }
        for key in lease.keys.sorted() { _ = delete(key) }
        endRevision()
        leases[id] = nil
        journal.append(.leaseRevoked(id: id))
    }
}
