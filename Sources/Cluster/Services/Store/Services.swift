import EtcdAPI
import Foundation
import GRPCCore
import Revisions

// etcd's gRPC services, answered by a member.

/// Turns the store's errors into gRPC's.
func answering<Result>(_ body: () async throws -> Result) async throws -> Result {
    do { return try await body() } catch let error as StoreError { throw error.rpc }
}

struct KVService: Etcdserverpb_KV.SimpleServiceProtocol {
    let member: Member

    func range(
        request: Etcdserverpb_RangeRequest, context: ServerContext
    ) async throws -> Etcdserverpb_RangeResponse {
        try await answering {
            if request.key.isEmpty { throw StoreError.refused(.emptyKey) }
            return try await member.range(request)
        }
    }

    func put(
        request: Etcdserverpb_PutRequest, context: ServerContext
    ) async throws -> Etcdserverpb_PutResponse {
        try await answering {
            var operation = Etcdserverpb_RequestOp()
            operation.requestPut = request
            let (result, header) = try await member.operate(operation)
            guard case .put(let previous, _) = result else { throw StoreError.stopped }
            return Etcdserverpb_PutResponse(previous: previous, header: header)
        }
    }

    func deleteRange(
        request: Etcdserverpb_DeleteRangeRequest, context: ServerContext
    ) async throws -> Etcdserverpb_DeleteRangeResponse {
        try await answering {
            var operation = Etcdserverpb_RequestOp()
            operation.requestDeleteRange = request
            let (result, header) = try await member.operate(operation)
            guard case .delete(let count, let previous, _) = result else {
                throw StoreError.stopped
            }
            return Etcdserverpb_DeleteRangeResponse(
                count: count, previous: previous, header: header)
        }
    }

    func txn(
        request: Etcdserverpb_TxnRequest, context: ServerContext
    ) async throws -> Etcdserverpb_TxnResponse {
        try await answering {
            var operation = Etcdserverpb_RequestOp()
            operation.requestTxn = request
            let (result, header) =
                request.isReadOnly
                ? try await member.read(request) : try await member.operate(operation)
            guard case .txn(let succeeded, let results, _) = result else {
                throw StoreError.stopped
            }
            return Etcdserverpb_TxnResponse(
                succeeded: succeeded, results: results, header: header)
        }
    }

    func compact(
        request: Etcdserverpb_CompactionRequest, context: ServerContext
    ) async throws -> Etcdserverpb_CompactionResponse {
        try await answering {
            _ = try await member.change(.compaction, try request.serializedBytes())
            var response = Etcdserverpb_CompactionResponse()
            response.header = await member.header()
            return response
        }
    }
}

extension Etcdserverpb_TxnRequest {
    var isReadOnly: Bool { reads { _ in true } }

    /// Whether it may be answered from what this member has, however old.
    var isSerializable: Bool { reads(\.serializable) }

    /// Whether it does nothing but reads of one kind.
    private func reads(_ isWanted: (Etcdserverpb_RangeRequest) -> Bool) -> Bool {
        (success + failure).allSatisfy {
            switch $0.request {
            case .requestRange(let range): isWanted(range)
            case .requestTxn(let inner): inner.reads(isWanted)
            default: false
            }
        }
    }
}

struct WatchService: Etcdserverpb_Watch.SimpleServiceProtocol {
    let member: Member

    func watch(
        request: RPCAsyncSequence<Etcdserverpb_WatchRequest, any Error>,
        response: RPCWriter<Etcdserverpb_WatchResponse>, context: ServerContext
    ) async throws {
        let stream = await member.openWatches()
        try await withThrowingTaskGroup { group in
            group.addTask {
                for try await message in request { await member.handle(message, on: stream) }
            }
            group.addTask {
                while let answers = await member.nextAnswers(on: stream) {
                    // Returns once there is room on the way to the client.
                    for answer in answers { try await response.write(answer) }
                }
            }
            // Whichever ends first, by the client's leaving or a broken connection, ends both.
            let ended = await group.nextResult()
            await member.closeWatches(stream)
            group.cancelAll()
            try ended?.get()
        }
    }
}

struct LeaseService: Etcdserverpb_Lease.SimpleServiceProtocol {
    let member: Member

    func leaseGrant(
        request: Etcdserverpb_LeaseGrantRequest, context: ServerContext
    ) async throws -> Etcdserverpb_LeaseGrantResponse {
        try await answering {
            var grant = request
            if grant.id == 0 { grant.id = Int64.random(in: 1...Int64.max) }
            grant.ttl = max(grant.ttl, LeaseClock.secondsMin)
            _ = try await member.change(.leaseGrant, try grant.serializedBytes())
            var response = Etcdserverpb_LeaseGrantResponse()
            response.header = await member.header()
            response.id = grant.id
            response.ttl = grant.ttl
            return response
        }
    }

    func leaseRevoke(
        request: Etcdserverpb_LeaseRevokeRequest, context: ServerContext
    ) async throws -> Etcdserverpb_LeaseRevokeResponse {
        try await answering {
            _ = try await member.change(.leaseRevoke, try request.serializedBytes())
            var response = Etcdserverpb_LeaseRevokeResponse()
            response.header = await member.header()
            return response
        }
    }

    func leaseKeepAlive(
        request: RPCAsyncSequence<Etcdserverpb_LeaseKeepAliveRequest, any Error>,
        response: RPCWriter<Etcdserverpb_LeaseKeepAliveResponse>, context: ServerContext
    ) async throws {
        for try await message in request {
            try await answering {
                var answer = Etcdserverpb_LeaseKeepAliveResponse()
                answer.id = message.id
                answer.ttl = Int64(try await member.keepAlive(message.id))
                answer.header = await member.header()
                try await response.write(answer)
            }
        }
    }

    func leaseTimeToLive(
        request: Etcdserverpb_LeaseTimeToLiveRequest, context: ServerContext
    ) async throws -> Etcdserverpb_LeaseTimeToLiveResponse {
        try await answering {
            var response = Etcdserverpb_LeaseTimeToLiveResponse()
            response.id = request.id
            response.ttl = -1
            if let lease = try await member.timeToLive(request.id) {
                response.ttl = Int64(lease.left)
                response.grantedTtl = Int64(lease.granted)
                if request.keys { response.keys = lease.keys.map { Data($0.bytes) } }
            }
            response.header = await member.header()
            return response
        }
    }

    func leaseLeases(
        request: Etcdserverpb_LeaseLeasesRequest, context: ServerContext
    ) async throws -> Etcdserverpb_LeaseLeasesResponse {
        try await answering {
            try await member.catchUp()
            var response = Etcdserverpb_LeaseLeasesResponse()
            response.header = await member.header()
            response.leases = await member.keyspace.leases.keys.sorted().map { id in
                var status = Etcdserverpb_LeaseStatus()
                status.id = id
                return status
            }
            return response
        }
    }
}
