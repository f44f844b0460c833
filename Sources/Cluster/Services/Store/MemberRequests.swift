import Bytes
import Consensus
import EtcdAPI
import Foundation
import Linux
import Revisions

// What clients ask of a member.
extension Member {
    func header() -> Etcdserverpb_ResponseHeader {
        var header = Etcdserverpb_ResponseHeader()
        header.clusterID = UInt64(settings.clusterID)
        header.memberID = UInt64(settings.id)
        header.revision = Int64(keyspace.revision)
        header.raftTerm = UInt64(raft.term)
        return header
    }

    /// The answer's header as of the revision of what was done.
    func header(revision: Int) -> Etcdserverpb_ResponseHeader {
        var header = header()
        header.revision = Int64(revision)
        return header
    }

    // MARK: Writes

    /// Has a command committed and applied here, and gives what applying it gave.
    func change(_ kind: Command.Kind, _ body: [UInt8]) async throws -> Applied {
        guard !isStopping else { throw StoreError.stopped }
        guard !isFull else { throw StoreError.noSpace }
        let command = Command(kind: kind, body: body).encoded
        let applied = try await withCheckedThrowingContinuation { writer in
            do throws(Machine.Refusal) {
                try replica.change(command, for: writer, now: Clock.monotonicMilliseconds())
            } catch {
                writer.resume(throwing: self.error(for: error))
            }
            flushSoon()
        }
        if case .refused(let error) = applied { throw StoreError.refused(error) }
        return applied
    }

    /// What the operation did, and the answer's header.
    func operate(
        _ operation: Etcdserverpb_RequestOp
    ) async throws -> (RequestResult, Etcdserverpb_ResponseHeader) {
        do { try Request(operation).checkShape() } catch let error as RevisionError {
            throw StoreError.refused(error)
        }
        let body: [UInt8] = try operation.serializedBytes()
        guard body.count <= settings.requestBytesMax else { throw StoreError.tooLarge }
        let applied = try await change(.operation, body)
        guard case .result(let result) = applied else { throw StoreError.stopped }
        return (result, header(revision: result.revision))
    }

    // MARK: Reads

    func range(_ request: Etcdserverpb_RangeRequest) async throws -> Etcdserverpb_RangeResponse {
        if !request.serializable { try await catchUp() }
        let response = try read { try $0.range(RangeRequest(request)) }
        return Etcdserverpb_RangeResponse(response, header: header(revision: response.revision))
    }

    /// A transaction that changes nothing needs no entry in the log.
    func read(
        _ request: Etcdserverpb_TxnRequest
    ) async throws -> (RequestResult, Etcdserverpb_ResponseHeader) {
        if !request.isSerializable { try await catchUp() }
        let result = try read {
            var copy = $0
            return try copy.apply(.txn(try TxnRequest(request)))
        }
        return (result, header(revision: result.revision))
    }

    private func read<Result>(_ body: (Keyspace) throws -> Result) throws -> Result {
        do { return try body(keyspace) } catch let error as RevisionError {
            throw StoreError.refused(error)
        }
    }

    /// Returns once everything committed before the call is applied here.
    func catchUp() async throws {
        guard !isStopping else { throw StoreError.stopped }
        try await withCheckedThrowingContinuation { reader in
            do throws(Machine.Refusal) {
                try replica.read(reader, now: Clock.monotonicMilliseconds())
            } catch {
                reader.resume(throwing: self.error(for: error))
            }
            flushSoon()
        }
    }

    func error(for refusal: Machine.Refusal) -> StoreError {
        switch refusal {
        case .noLeader: .noLeader(whyNoAnswer())
        case .timedOut: .timedOut(whyNoAnswer())
        case .tooManyRequests: .tooManyRequests
        }
    }

    // MARK: Time

    /// What time alone brings: deadlines, leases, tidying.
    func everyTick(_ now: Int) {
        if raft.isLeader { expireLeases(now) }
        everySecond(now)
        tidy(now: now)
    }

    /// What a client is told whose request nobody could answer.
    private func whyNoAnswer() -> String {
        let reachable = 1 + (peers?.connected.count ?? 0)
        let members = settings.members.count
        let needed = members / 2 + 1
        if reachable < needed {
            return "no quorum: \(reachable) of \(members) members reachable, \(needed) needed"
        }
        return raft.leader == nil
            ? "no leader elected" : "the leader, member \(raft.leader!), was slow"
    }

    // MARK: Leases

    private func expireLeases(_ now: Int) {
        for id in leases.takeExpired(now: now) {
            var request = Etcdserverpb_LeaseRevokeRequest()
            request.id = id
            guard let body: [UInt8] = try? request.serializedBytes() else { continue }
            event { $0.change(Command(kind: .leaseRevoke, body: body).encoded, now: now) }
        }
    }

    func noteLeases(_ command: Command, _ applied: Applied) {
        guard case .done = applied else { return }
        switch command.kind {
        case .leaseGrant:
            guard let request = try? Etcdserverpb_LeaseGrantRequest(serializedBytes: command.body)
            else {
                return
            }
            leases.renew(request.id, ttl: Int(request.ttl), now: Clock.monotonicMilliseconds())
        case .leaseRevoke:
            guard let request = try? Etcdserverpb_LeaseRevokeRequest(serializedBytes: command.body)
            else {
                return
            }
            leases.end(request.id)
        default: break
        }
    }

    /// Renews a lease at the leader.
    ///
    /// - Returns: its time to live in seconds; 0 where there is no such lease.
    func keepAlive(_ id: Int64) async throws -> Int {
        Int(try await askLeader(.keepAlive(id)))
    }

    /// The seconds that a lease has left, as the leader counts them; nil where there is no such lease.
    func timeToLive(_ id: Int64) async throws -> (left: Int, granted: Int, keys: [Key])? {
        try await catchUp()
        guard let lease = keyspace.leases[id] else { return nil }
        let left = try await askLeader(.timeLeft(id))
        return (Int(left), lease.ttl, lease.keys.sorted())
    }

    /// Asks the leader, wherever it is; waits for one if there is none.
    private func askLeader(_ question: LeaderQuestion) async throws -> Int64 {
        let deadline = Clock.monotonicMilliseconds() + settings.requestTimeoutMilliseconds
        while true {
            if raft.isLeader {
                try await catchUp()
                if let answer = answer(question) { return answer }
            } else if let leader = raft.leader, let peers,
                let answer = try? await peers.ask(leader, question)
            {
                return answer
            }
            guard !isStopping, Clock.monotonicMilliseconds() < deadline else {
                throw StoreError.timedOut(whyNoAnswer())
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// A question that only the leader can answer; nil where this member does not lead.
    func answer(_ question: LeaderQuestion) -> Int64? {
        guard raft.isLeader else { return nil }
        let now = Clock.monotonicMilliseconds()
        switch question {
        case .keepAlive(let id):
            guard let lease = keyspace.leases[id] else { return 0 }
            // Nobody may be told that it lives on, until it is known: the question comes again.
            if leases.isEnding(id) { return nil }
            leases.renew(id, ttl: lease.ttl, now: now)
            return Int64(lease.ttl)
        case .timeLeft(let id):
            return Int64(leases.secondsLeft(id, now: now) ?? 0)
        }
    }

    // MARK: Status

    /// Whose API it is.
    static let version = "3.4.0"

    func status() -> Etcdserverpb_StatusResponse {
        var status = Etcdserverpb_StatusResponse()
        status.header = header()
        status.version = Self.version
        status.dbSize = Int64(fileBytes())
        status.dbSizeInUse = status.dbSize
        status.leader = UInt64(raft.leader ?? 0)
        status.raftIndex = UInt64(raft.commitIndex)
        status.raftTerm = UInt64(raft.term)
        status.raftAppliedIndex = UInt64(appliedIndex)
        if raft.leader == nil { status.errors.append("etcdserver: no leader") }
        if isFull { status.errors.append("memberID:\(settings.id) alarm:NOSPACE ") }
        return status
    }

    func fileBytes() -> Int {
        ["", "-wal"].reduce(0) {
            var info = stat()
            return stat("\(settings.directory)/store.sqlite\($1)", &info) == 0
                ? $0 + Int(info.st_size) : $0
        }
    }
}

/// What only the leader knows, since leases are counted in its time alone.
enum LeaderQuestion: Sendable {
    case keepAlive(Int64)
    case timeLeft(Int64)
}
