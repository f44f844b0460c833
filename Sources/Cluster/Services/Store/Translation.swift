import EtcdAPI
import Foundation
import Revisions

// Between etcd's messages and the keyspace's own values.

extension Request {
    init(_ message: Etcdserverpb_RequestOp) throws {
        switch message.request {
        case .requestRange(let request): self = .range(RangeRequest(request))
        case .requestPut(let request): self = .put(PutRequest(request))
        case .requestDeleteRange(let request): self = .delete(DeleteRequest(request))
        case .requestTxn(let request): self = .txn(try TxnRequest(request))
        // etcd takes an operation that is none for a key that is missing.
        case nil: throw RevisionError.keyNotFound
        }
    }
}

extension KeyRange {
    init(_ key: Data, _ rangeEnd: Data) { self.init(key: Array(key), rangeEnd: Array(rangeEnd)) }
}

extension RangeRequest {
    init(_ message: Etcdserverpb_RangeRequest) {
        self.init(range: KeyRange(message.key, message.rangeEnd))
        limit = Int(message.limit)
        revision = Int(message.revision)
        keysOnly = message.keysOnly
        countOnly = message.countOnly
        modRevisionMin = Int(message.minModRevision)
        modRevisionMax = Int(message.maxModRevision)
        createRevisionMin = Int(message.minCreateRevision)
        createRevisionMax = Int(message.maxCreateRevision)
        order =
            switch message.sortOrder {
            case .ascend: .ascending
            case .descend: .descending
            default: .none
            }
        target =
            switch message.sortTarget {
            case .version: .version
            case .create: .create
            case .mod: .mod
            case .value: .value
            default: .key
            }
    }
}

extension PutRequest {
    init(_ message: Etcdserverpb_PutRequest) {
        self.init(key: Key(message.key), value: Array(message.value))
        lease = message.lease
        wantsPrevious = message.prevKv
        ignoresValue = message.ignoreValue
        ignoresLease = message.ignoreLease
    }
}

extension DeleteRequest {
    init(_ message: Etcdserverpb_DeleteRangeRequest) {
        self.init(range: KeyRange(message.key, message.rangeEnd))
        wantsPrevious = message.prevKv
    }
}

extension TxnRequest {
    init(_ message: Etcdserverpb_TxnRequest) throws {
        self.init(
            comparisons: message.compare.map(Comparison.init),
            success: try message.success.map(Request.init),
            failure: try message.failure.map(Request.init))
    }
}

extension Comparison {
    init(_ message: Etcdserverpb_Compare) {
        let operand: Operand =
            switch message.target {
            case .create: .create(Int(message.createRevision))
            case .mod: .mod(Int(message.modRevision))
            case .value: .value(Array(message.value))
            case .lease: .lease(message.lease)
            default: .version(Int(message.version))
            }
        let relation: Relation =
            switch message.result {
            case .greater: .greater
            case .less: .less
            case .notEqual: .notEqual
            default: .equal
            }
        self.init(
            range: KeyRange(message.key, message.rangeEnd), relation: relation, operand: operand)
    }
}

extension Mvccpb_KeyValue {
    init(_ kv: KeyValue) {
        self.init()
        key = Data(kv.key.bytes)
        createRevision = Int64(kv.createRevision)
        modRevision = Int64(kv.modRevision)
        version = Int64(kv.version)
        value = Data(kv.value)
        lease = kv.lease
    }
}

extension Mvccpb_Event {
    init(_ event: Event) {
        self.init()
        type = event.isDelete ? .delete : .put
        kv = Mvccpb_KeyValue(event.kv)
        if let previous = event.previous { prevKv = Mvccpb_KeyValue(previous) }
    }
}

extension Etcdserverpb_RangeResponse {
    init(_ response: RangeResponse, header: Etcdserverpb_ResponseHeader) {
        self.init()
        self.header = header
        kvs = response.kvs.map(Mvccpb_KeyValue.init)
        more = response.more
        count = Int64(response.count)
    }
}

extension Etcdserverpb_PutResponse {
    init(previous: KeyValue?, header: Etcdserverpb_ResponseHeader) {
        self.init()
        self.header = header
        if let previous { prevKv = Mvccpb_KeyValue(previous) }
    }
}

extension Etcdserverpb_DeleteRangeResponse {
    init(count: Int, previous: [KeyValue], header: Etcdserverpb_ResponseHeader) {
        self.init()
        self.header = header
        deleted = Int64(count)
        prevKvs = previous.map(Mvccpb_KeyValue.init)
    }
}

extension Etcdserverpb_TxnResponse {
    /// Inside a transaction, headers tell the revision alone.
    init(succeeded: Bool, results: [RequestResult], header: Etcdserverpb_ResponseHeader) {
        self.init()
        self.header = header
        self.succeeded = succeeded
        responses = results.map(Etcdserverpb_ResponseOp.init)
    }
}

extension Etcdserverpb_ResponseOp {
    init(_ result: RequestResult) {
        self.init()
        var header = Etcdserverpb_ResponseHeader()
        header.revision = Int64(result.revision)
        switch result {
        case .range(let response):
            responseRange = Etcdserverpb_RangeResponse(response, header: header)
        case .put(let previous, _):
            responsePut = Etcdserverpb_PutResponse(previous: previous, header: header)
        case .delete(let count, let previous, _):
            responseDeleteRange = Etcdserverpb_DeleteRangeResponse(
                count: count, previous: previous, header: header)
        case .txn(let succeeded, let results, _):
            // Of a transaction in it, etcd tells no revision.
            responseTxn = Etcdserverpb_TxnResponse(
                succeeded: succeeded, results: results, header: Etcdserverpb_ResponseHeader())
        }
    }
}
