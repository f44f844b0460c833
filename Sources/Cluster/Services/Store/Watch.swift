import EtcdAPI
import Revisions

extension WatchHub {
    /// One watch, and how far it has been told.
    struct Watch {
        var range: KeyRange
        /// The first revision that it has not been told.
        var nextRevision: Int
        var withPrevious: Bool
        var noPuts: Bool
        var noDeletes: Bool
        var wantsProgress: Bool
        /// Large answers may come in pieces.
        var inFragments: Bool
    }

    /// What one batch may still look at and hold.
    struct Budget {
        var bytes = WatchHub.batchBytesMax
        var changes = WatchHub.changesMax
        var isSpent: Bool { bytes <= 0 || changes <= 0 }
    }
}

extension WatchHub.Watch {
    init(_ request: Etcdserverpb_WatchCreateRequest, _ revision: Int) {
        // No key is the smallest one: with an end of one zero byte, all keys.
        let key = request.key.isEmpty ? [0] : Array(request.key)
        range = KeyRange(key: key, rangeEnd: Array(request.rangeEnd))
        nextRevision = request.startRevision != 0 ? Int(request.startRevision) : revision + 1
        withPrevious = request.prevKv
        noPuts = request.filters.contains(.noput)
        noDeletes = request.filters.contains(.nodelete)
        wantsProgress = request.progressNotify
        inFragments = request.fragment
    }

    private func wants(_ change: Change) -> Bool {
        range.contains(change.key) && !(change.version.isDeleted ? noDeletes : noPuts)
    }

    /// The events from `nextRevision` on, until the budget is spent: whole revisions, whatever they weigh.
    mutating func take(_ keyspace: Keyspace, _ budget: inout WatchHub.Budget) -> [Mvccpb_Event] {
        guard nextRevision <= keyspace.revision else { return [] }
        var events: [Mvccpb_Event] = []
        for change in keyspace.changes[keyspace.firstChange(from: nextRevision)...] {
            if budget.isSpent, change.version.modRevision > nextRevision {
                nextRevision = change.version.modRevision
                return events
            }
            nextRevision = change.version.modRevision
            budget.changes -= 1
            guard wants(change) else { continue }
            let event = Mvccpb_Event(keyspace.event(for: change, withPrevious: withPrevious))
            budget.bytes -= event.approximateBytes
            events.append(event)
        }
        nextRevision = keyspace.revision + 1
        return events
    }
}

extension Mvccpb_Event {
    /// Its size in a message, the numbers in it counted at their largest.
    var approximateBytes: Int {
        64 + kv.key.count + kv.value.count + prevKv.key.count + prevKv.value.count
    }
}
