import EtcdAPI
import Foundation
import Simulation

/// Requests from a seed, over few keys, leases and watches, so that they meet.
struct RandomRequests {
    private var dice: Dice
    /// The newest revision that an answer has told.
    private var revision: Int64 = 1
    private var nextWatch: Int64 = 1
    private(set) var kinds: Set<Int> = []
    static let kindCount = 10

    init(seed: UInt64) { dice = Dice(seed: seed) }

    mutating func note(_ answer: EtcdAnswer) { revision = max(revision, answer.revision) }

    mutating func next() -> EtcdRequest {
        let roll = dice.roll(0...199)
        switch roll {
        case 0...59: return made(0, .put(put()))
        case 60...99: return made(1, .range(range()))
        case 100...119: return made(2, .delete(delete()))
        case 120...179: return made(3, .txn(txn(depth: 0)))
        case 180...183: return made(4, .compact(compaction()))
        case 184...189: return made(5, .grant(grant()))
        case 190...191: return made(6, .revoke(.with { $0.id = lease() }))
        case 192...195: return made(7, .timeToLive(timeToLive()))
        case 196...198: return made(8, .leases)
        default: return made(9, .watch(watch()))
        }
    }

    private mutating func made(_ kind: Int, _ request: EtcdRequest) -> EtcdRequest {
        kinds.insert(kind)
        return request
    }

    // MARK: Pieces

    private mutating func key() -> Data {
        if dice.chance(percent: 1) { return Data() }
        return Data("k\(dice.roll(0...19))".utf8)
    }

    private mutating func rangeEnd(_ key: Data) -> Data {
        switch dice.roll(0...5) {
        case 0, 1, 2: Data()
        case 3: Data([0])
        case 4: Data("k\(dice.roll(0...19))".utf8)
        default: Data("l".utf8)
        }
    }

    private mutating func value() -> Data { Data("v\(dice.roll(0...9))".utf8) }
    private mutating func lease() -> Int64 { Int64(dice.roll(1...5)) }

    /// One near the present, of long ago, or to come.
    private mutating func someRevision() -> Int64 {
        switch dice.roll(0...9) {
        case 0: -1
        case 1: revision + Int64(dice.roll(0...2))
        case 2: Int64(dice.roll(0...Int(revision)))
        default: max(1, revision - Int64(dice.roll(0...30)))
        }
    }

    private mutating func put() -> Etcdserverpb_PutRequest {
        var request = Etcdserverpb_PutRequest()
        (request.key, request.value) = (key(), value())
        if dice.chance(percent: 25) { request.lease = lease() }
        request.prevKv = dice.chance(percent: 30)
        if dice.chance(percent: 10) {
            request.ignoreValue = true
            if dice.chance(percent: 80) { request.value = Data() }
        }
        if dice.chance(percent: 10) {
            request.ignoreLease = true
            if dice.chance(percent: 80) { request.lease = 0 }
        }
        return request
    }

    private mutating func delete() -> Etcdserverpb_DeleteRangeRequest {
        var request = Etcdserverpb_DeleteRangeRequest()
        request.key = key()
        if dice.chance(percent: 20) { request.rangeEnd = rangeEnd(request.key) }
        request.prevKv = dice.chance(percent: 30)
        return request
    }

    private mutating func range() -> Etcdserverpb_RangeRequest {
        var request = Etcdserverpb_RangeRequest()
        request.key = key()
        request.rangeEnd = rangeEnd(request.key)
        if dice.chance(percent: 30) { request.revision = someRevision() }
        request.keysOnly = dice.chance(percent: 10)
        request.countOnly = dice.chance(percent: 10)
        request.serializable = dice.chance(percent: 20)
        if dice.chance(percent: 30) { sort(&request) }
        // Which of equals a limit cuts off, etcd leaves open: only keys are all different.
        let isOpen = request.sortTarget != .key && request.sortOrder != .none
        if !isOpen, dice.chance(percent: 30) { request.limit = Int64(dice.roll(-1...6)) }
        if dice.chance(percent: 10) { request.minModRevision = someRevision() }
        if dice.chance(percent: 10) { request.maxModRevision = someRevision() }
        if dice.chance(percent: 10) { request.minCreateRevision = someRevision() }
        if dice.chance(percent: 10) { request.maxCreateRevision = someRevision() }
        let isFiltered =
            request.minModRevision != 0 || request.maxModRevision != 0
            || request.minCreateRevision != 0
            || request.maxCreateRevision != 0
        if isFiltered, request.sortTarget != .key { request.limit = 0 }
        return request
    }

    private mutating func sort(_ request: inout Etcdserverpb_RangeRequest) {
        request.sortOrder = [.none, .ascend, .descend][dice.roll(0...2)]
        request.sortTarget = [.key, .version, .create, .mod, .value][dice.roll(0...4)]
        if request.sortTarget == .value { request.keysOnly = false }
    }

    private mutating func compare() -> Etcdserverpb_Compare {
        var compare = Etcdserverpb_Compare()
        compare.key = key()
        if dice.chance(percent: 15) { compare.rangeEnd = rangeEnd(compare.key) }
        compare.result = [.equal, .greater, .less, .notEqual][dice.roll(0...3)]
        compare.target = [.version, .create, .mod, .value, .lease][dice.roll(0...4)]
        switch compare.target {
        case .version: compare.version = Int64(dice.roll(0...3))
        case .create: compare.createRevision = someRevision()
        case .mod: compare.modRevision = someRevision()
        case .value: compare.value = value()
        default: compare.lease = dice.chance(percent: 50) ? 0 : lease()
        }
        return compare
    }

    private mutating func txn(depth: Int) -> Etcdserverpb_TxnRequest {
        var request = Etcdserverpb_TxnRequest()
        request.compare = (0..<dice.roll(0...2)).map { _ in compare() }
        request.success = (0..<dice.roll(0...3)).map { _ in operation(depth) }
        request.failure = (0..<dice.roll(0...3)).map { _ in operation(depth) }
        return request
    }

    private mutating func operation(_ depth: Int) -> Etcdserverpb_RequestOp {
        var operation = Etcdserverpb_RequestOp()
        switch dice.roll(0...(depth < 2 ? 9 : 6)) {
        case 0, 1:
            // Inside a transaction the answer is compared as it is, so its order must be the only one.
            var range = range()
            (range.sortTarget, range.sortOrder) = (.key, range.sortOrder)
            operation.requestRange = range
        case 2, 3, 4: operation.requestPut = put()
        case 5, 6: operation.requestDeleteRange = delete()
        default: operation.requestTxn = txn(depth: depth + 1)
        }
        return operation
    }

    private mutating func compaction() -> Etcdserverpb_CompactionRequest {
        var request = Etcdserverpb_CompactionRequest()
        request.revision = someRevision()
        request.physical = dice.chance(percent: 50)
        return request
    }

    private mutating func grant() -> Etcdserverpb_LeaseGrantRequest {
        var request = Etcdserverpb_LeaseGrantRequest()
        request.id = lease()
        request.ttl = dice.chance(percent: 5) ? 9_000_000_001 : Int64(dice.roll(10_000...90_000))
        return request
    }

    private mutating func timeToLive() -> Etcdserverpb_LeaseTimeToLiveRequest {
        var request = Etcdserverpb_LeaseTimeToLiveRequest()
        (request.id, request.keys) = (lease(), dice.chance(percent: 50))
        return request
    }

    private mutating func watch() -> Etcdserverpb_WatchRequest {
        var request = Etcdserverpb_WatchRequest()
        if nextWatch > 2, dice.chance(percent: 20) {
            request.cancelRequest.watchID = Int64(dice.roll(1...Int(nextWatch)))
            return request
        }
        var create = Etcdserverpb_WatchCreateRequest()
        create.watchID = nextWatch
        nextWatch += 1
        create.key = key()
        create.rangeEnd = rangeEnd(create.key)
        create.prevKv = dice.chance(percent: 50)
        create.fragment = dice.chance(percent: 30)
        if dice.chance(percent: 20) {
            create.filters = [dice.chance(percent: 50) ? .noput : .nodelete]
        }
        if dice.chance(percent: 40) { create.startRevision = someRevision() }
        request.createRequest = create
        return request
    }
}
