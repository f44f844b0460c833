import EtcdAPI
import Foundation
import GRPCCore

extension EtcdStore {
    /// The newest value of a key; nil where there is none.
    func get(_ key: String) async throws -> Stored? {
        var request = Etcdserverpb_RangeRequest()
        request.key = Data(key.utf8)
        return try await range(request).kvs.first.map(Stored.init)
    }

    /// The store's newest revision, agreed on by a quorum.
    func currentRevision() async throws -> Int {
        var request = Etcdserverpb_RangeRequest()
        request.key = Data("/registry/".utf8)  // never written: what counts is the answer's header
        request.limit = 1
        request.keysOnly = true
        return Int(try await range(request).header.revision)
    }

    /// Keys that begin with `prefix`, in order.
    /// - Parameters:
    ///   - start: the first key wanted; nil for the first of all.
    ///   - limit: 0 for all.
    ///   - revision: the state as of then; 0 for the newest.
    func page(prefix: String, from start: String? = nil, limit: Int = 0, revision: Int = 0)
        async throws -> StoredPage
    {
        var request = Etcdserverpb_RangeRequest()
        request.key = Data((start ?? prefix).utf8)
        request.rangeEnd = Data(endOfPrefix(prefix))
        request.limit = Int64(limit)
        request.revision = Int64(revision)
        let answer = try await range(request)
        return StoredPage(
            items: answer.kvs.map(Stored.init), more: answer.more, count: Int(answer.count),
            revision: Int(answer.header.revision))
    }

    private func range(_ request: Etcdserverpb_RangeRequest) async throws
        -> Etcdserverpb_RangeResponse
    {
        try await ask { member, options, _ in try await member.kv.range(request, options: options) }
    }

    /// Writes a key that is not there yet.
    func create(_ key: String, _ value: [UInt8]) async throws -> WriteOutcome {
        try await write(key, value, ifRevision: 0)
    }

    /// Writes a key whose last change was at `revision` (0: that is not there).
    func write(_ key: String, _ value: [UInt8], ifRevision revision: Int) async throws
        -> WriteOutcome
    {
        var put = Etcdserverpb_PutRequest()
        (put.key, put.value) = (Data(key.utf8), Data(value))
        var operation = Etcdserverpb_RequestOp()
        operation.requestPut = put
        let request = transaction(key, ifRevision: revision, operation)
        return try await ask { member, options, uncertain in
            let outcome = outcome(try await member.kv.txn(request, options: options))
            // Our own earlier attempt, whose answer was lost, left just this value.
            if uncertain, case .refused(let current?) = outcome, current.value == value {
                return .done(revision: current.revision)
            }
            return outcome
        }
    }

    /// Removes a key whose last change was at `revision`.
    func delete(_ key: String, ifRevision revision: Int) async throws -> WriteOutcome {
        var range = Etcdserverpb_DeleteRangeRequest()
        range.key = Data(key.utf8)
        var operation = Etcdserverpb_RequestOp()
        operation.requestDeleteRange = range
        let request = transaction(key, ifRevision: revision, operation)
        return try await ask { member, options, uncertain in
            let answer = try await member.kv.txn(request, options: options)
            let outcome = outcome(answer)
            if uncertain, case .refused(nil) = outcome {
                return .done(revision: Int(answer.header.revision))
            }
            return outcome
        }
    }

    /// Lets the store forget what was overwritten before `revision`.
    func compact(_ revision: Int) async throws {
        var request = Etcdserverpb_CompactionRequest()
        request.revision = Int64(revision)
        let message = request
        do {
            _ = try await ask { member, options, _ in
                try await member.kv.compact(message, options: options)
            }
        } catch StoreError.compacted {}  // another API server was quicker
    }

    /// If the key's last change was at `revision`, the operation, else a look at what is there.
    private func transaction(
        _ key: String, ifRevision revision: Int, _ operation: Etcdserverpb_RequestOp
    ) -> Etcdserverpb_TxnRequest {
        var compare = Etcdserverpb_Compare()
        (compare.key, compare.target, compare.result) = (Data(key.utf8), .mod, .equal)
        compare.modRevision = Int64(revision)
        var look = Etcdserverpb_RequestOp()
        look.requestRange.key = Data(key.utf8)
        var request = Etcdserverpb_TxnRequest()
        (request.compare, request.success, request.failure) = ([compare], [operation], [look])
        return request
    }
}

private func outcome(_ answer: Etcdserverpb_TxnResponse) -> WriteOutcome {
    if answer.succeeded { return .done(revision: Int(answer.header.revision)) }
    return .refused(current: answer.responses.first?.responseRange.kvs.first.map(Stored.init))
}

extension Stored {
    init(_ pair: Mvccpb_KeyValue) {
        self.init(
            key: String(decoding: pair.key, as: UTF8.self), value: Array(pair.value),
            revision: Int(pair.modRevision))
    }
}

/// The first key after all that begin with `prefix`: its last byte plus one. No prefix here ends in
/// 0xFF.
func endOfPrefix(_ prefix: String) -> [UInt8] {
    var end = Array(prefix.utf8)
    end[end.count - 1] += 1
    return end
}
