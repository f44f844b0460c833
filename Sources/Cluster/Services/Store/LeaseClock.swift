import Revisions

/// When the leases run out. Only the leader counts; a new leader gives every lease its whole time again.
struct LeaseClock {
    /// No lease is shorter: a leader that dies is to be missed, and another one elected, within its time. etcd's own.
    static let secondsMin: Int64 = 2

    /// Milliseconds of the member's clock.
    private var deadlines: [Int64: Int] = [:]
    /// Leases whose end was proposed, and when.
    private var ending: [Int64: Int] = [:]

    mutating func restart(_ leases: [Int64: Keyspace.Lease], now: Int) {
        ending = [:]
        deadlines = leases.mapValues { now + $0.ttl * 1000 }
    }

    mutating func renew(_ id: Int64, ttl: Int, now: Int) {
        deadlines[id] = now + ttl * 1000
        ending[id] = nil
    }

    mutating func end(_ id: Int64) {
        deadlines[id] = nil
        ending[id] = nil
    }

    /// Its end was proposed, and may be done.
    func isEnding(_ id: Int64) -> Bool { ending[id] != nil }

    /// Whole seconds left; nil for a lease that is not counted.
    func secondsLeft(_ id: Int64, now: Int) -> Int? {
        deadlines[id].map { max(0, ($0 - now) / 1000) }
    }

    /// Leases that have run out and whose end is to be proposed now, ascending.
    mutating func takeExpired(now: Int) -> [Int64] {
        let due = deadlines.filter {
            $0.value <= now && now - (ending[$0.key] ?? Int.min / 2) > 3000
        }
        let ids = due.keys.sorted()
        for id in ids { ending[id] = now }
        return ids
    }
}
