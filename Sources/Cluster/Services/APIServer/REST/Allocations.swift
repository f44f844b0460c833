/// Numbers of which each belongs to one owner at most: the cluster's addresses, or node ports.
///
/// A number is taken by two things that know nothing of each other: an owner that is *stored* with
/// it, and a *claim* of a request that may come to store it. So a request that ends without a write
/// leaves what its owner has, and two requests of one owner don't free what the other relies on.
///
/// What is stored is noted with its revision: news that arrive late don't undo newer ones.
package struct Allocations<Number: Hashable & Sendable>: Sendable {
    private struct Claims {
        var owner: String
        var count: Int
    }
    private struct Record {
        var revision: Int
        var numbers: Set<Number>
    }
    private var claims: [Number: Claims] = [:]
    private var records: [String: Record] = [:]
    private var owners: [Number: String] = [:]

    package init() {}

    /// Takes a number for as long as a request lasts; `release` ends it.
    /// - Parameter anew: only one that nobody has, the owner neither.
    /// - Returns: false where it is somebody else's.
    package mutating func claim(_ number: Number, for owner: String, anew: Bool = false) -> Bool {
        let present = owners[number] ?? claims[number]?.owner
        guard present == nil || present == owner && !anew else { return false }
        claims[number, default: Claims(owner: owner, count: 0)].count += 1
        return true
    }

    package mutating func release(_ numbers: [Number]) {
        for number in numbers {
            guard let held = claims[number] else { continue }
            claims[number] = held.count > 1 ? Claims(owner: held.owner, count: held.count - 1) : nil
        }
    }

    /// The owner is stored with these numbers since `revision`, and with no others; none where it
    /// is gone.
    package mutating func note(_ owner: String, _ revision: Int, _ numbers: Set<Number>) {
        if let known = records[owner] {
            guard known.revision <= revision else { return }
            for number in known.numbers where owners[number] == owner { owners[number] = nil }
        }
        records[owner] = Record(revision: revision, numbers: numbers)
        for number in numbers where owners[number] == nil { owners[number] = owner }
    }

    /// As of `revision` no other owners are stored than these.
    package mutating func forget(except present: Set<String>, asOf revision: Int) {
        for (owner, record) in records where !present.contains(owner) {
            guard record.revision <= revision else { continue }
            for number in record.numbers where owners[number] == owner { owners[number] = nil }
            records[owner] = nil
        }
    }
}
