/// One operation of a client on a register, as the client saw it.
public struct RegisterOperation: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case write(Int)
        /// What was read; 0 where nothing was written yet.
        case read(Int)
    }
    public var kind: Kind
    public var called: Int
    /// nil: no answer came, so that it may happen at any later time, or never.
    public var returned: Int?

    public init(kind: Kind, called: Int, returned: Int?) {
        self.kind = kind
        self.called = called
        self.returned = returned
    }
}

/// Whether a history can be put into one order in which every operation takes effect at a moment between its
/// call and its return, and every read sees the last write before it.
///
/// In general that takes a search without bounds. Here every written value differs, so each read tells which write it
/// saw, and it is enough to look at the time that each value needs (Gibbons and Korach, "Testing Shared Memories",
/// 1997). A value of which one operation ended before another began was there all the time between: no two such times
/// may overlap. Any other value was there for a moment at least between its last call and its first return: that
/// may not lie wholly within another's time.
///
/// - Parameter history: operations on one register; every written value differs.
public func isLinearizable(_ history: [RegisterOperation]) -> Bool {
    guard let zones = zones(of: history) else { return false }
    let held = zones.filter { $0.firstReturn < $0.lastCall }.sorted {
        $0.firstReturn < $1.firstReturn
    }
    for (zone, next) in zip(held, held.dropFirst()) where next.firstReturn < zone.lastCall {
        return false
    }
    return !zones.contains { brief in
        brief.firstReturn >= brief.lastCall
            && held.contains { $0.firstReturn < brief.lastCall && brief.firstReturn < $0.lastCall }
    }
}

/// The time of one value: of all operations that wrote or saw it, the first return and the last call.
private struct Zone {
    var writeCalled: Int?
    var firstReturn = Int.max
    var lastCall = Int.min
    var isSeen = false
}

/// One zone for each value; nil where a value was read that nobody had begun to write.
private func zones(of history: [RegisterOperation]) -> [Zone]? {
    // Before everything 0 was written.
    var zones: [Int: Zone] = [
        0: Zone(writeCalled: .min, firstReturn: .min, lastCall: .min, isSeen: true)
    ]
    for operation in history {
        switch operation.kind {
        case .write(let value):
            zones[value, default: Zone()].add(operation)
            zones[value]!.writeCalled = operation.called
            if operation.returned != nil { zones[value]!.isSeen = true }
        case .read(let value):
            // A read without an answer says nothing.
            guard operation.returned != nil else { continue }
            zones[value, default: Zone()].add(operation)
            zones[value]!.isSeen = true
        }
    }
    // A write without an answer whose value nobody read can be left out of any order without harm.
    let seen = zones.values.filter(\.isSeen)
    let isPossible = seen.allSatisfy { zone in
        zone.writeCalled.map { $0 <= zone.firstReturn } ?? false
    }
    return isPossible ? seen : nil
}

extension Zone {
    fileprivate mutating func add(_ operation: RegisterOperation) {
        firstReturn = min(firstReturn, operation.returned ?? .max)
        lastCall = max(lastCall, operation.called)
    }
}
