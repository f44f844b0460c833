import Consensus
import ContractRaft
import EtcdAPI
import Foundation
import GRPCCore
import Linux

struct ClusterService: Etcdserverpb_Cluster.SimpleServiceProtocol {
    let member: Member

    func memberList(
        request: Etcdserverpb_MemberListRequest, context: ServerContext
    ) async throws -> Etcdserverpb_MemberListResponse {
        var response = Etcdserverpb_MemberListResponse()
        // As with etcd: who belongs to the cluster has nothing to do with revisions.
        response.header = await member.header(revision: 0)
        response.members = member.settings.members.map { peer in
            var entry = Etcdserverpb_Member()
            entry.id = UInt64(peer.id)
            entry.name = "member-\(peer.id)"
            let scheme = member.settings.credentials == nil ? "http" : "https"
            entry.peerUrls = ["\(scheme)://\(peer.peerAddress)"]
            entry.clientUrls = peer.clientURL.isEmpty ? [] : [peer.clientURL]
            return entry
        }
        return response
    }
}

struct MaintenanceService: Etcdserverpb_Maintenance.SimpleServiceProtocol {
    let member: Member

    func alarm(
        request: Etcdserverpb_AlarmRequest, context: ServerContext
    ) async throws -> Etcdserverpb_AlarmResponse {
        // The alarm follows the disk by itself: it can be looked at, not set.
        var response = Etcdserverpb_AlarmResponse()
        response.header = await member.header()
        if await member.isFull, request.alarm != .corrupt {
            var alarm = Etcdserverpb_AlarmMember()
            alarm.memberID = UInt64(member.settings.id)
            alarm.alarm = .nospace
            response.alarms = [alarm]
        }
        return response
    }

    func status(
        request: Etcdserverpb_StatusRequest, context: ServerContext
    ) async throws -> Etcdserverpb_StatusResponse {
        await member.status()
    }

    func defragment(
        request: Etcdserverpb_DefragmentRequest, context: ServerContext
    ) async throws -> Etcdserverpb_DefragmentResponse {
        // SQLite takes freed pages again by itself.
        var response = Etcdserverpb_DefragmentResponse()
        response.header = await member.header()
        return response
    }

    func hashKV(
        request: Etcdserverpb_HashKVRequest, context: ServerContext
    ) async throws -> Etcdserverpb_HashKVResponse {
        try await answering {
            var response = Etcdserverpb_HashKVResponse()
            response.hash = try await member.hash(upTo: Int(request.revision))
            response.compactRevision = Int64(await member.keyspace.compactRevision)
            response.header = await member.header()
            return response
        }
    }

    func snapshot(
        request: Etcdserverpb_SnapshotRequest,
        response: RPCWriter<Etcdserverpb_SnapshotResponse>, context: ServerContext
    ) async throws {
        try await answering {
            let folder = try await member.backUp()
            defer { try? Files.removeTree(folder) }
            var reader = try Backup.Reader("\(folder)/snapshot")
            while let piece = try reader.next() {
                var answer = Etcdserverpb_SnapshotResponse()
                answer.blob = Data(piece)
                answer.remainingBytes = UInt64(reader.bytesLeft)
                try await response.write(answer)
            }
        }
    }

    func moveLeader(
        request: Etcdserverpb_MoveLeaderRequest, context: ServerContext
    ) async throws -> Etcdserverpb_MoveLeaderResponse {
        try await answering {
            try await member.moveLeader(to: request.targetID)
            var response = Etcdserverpb_MoveLeaderResponse()
            response.header = await member.header()
            return response
        }
    }
}

extension Member {
    /// The same on all members for the same history up to a revision, so that they can be compared.
    func hash(upTo revision: Int) throws -> UInt32 {
        guard revision <= keyspace.revision else { throw StoreError.refused(.futureRevision) }
        let last = revision > 0 ? revision : keyspace.revision
        var hash: UInt32 = 0x811C_9DC5
        for change in keyspace.allVersions where change.version.modRevision <= last {
            let number = withUnsafeBytes(of: change.version.modRevision.littleEndian) { Array($0) }
            for byte in change.key.bytes + change.version.value + number {
                hash = (hash ^ UInt32(byte)) &* 0x0100_0193
            }
        }
        return hash
    }

    /// Asks another member to take the office, if this one has it and the other is ready: any, or the one named.
    func handOver(to target: MemberID? = nil) -> Bool {
        var done = false
        event { done = $0.handOver(to: target, now: Clock.monotonicMilliseconds()) }
        return done
    }

    /// Returns once the other member leads. One that lags is asked again, since it catches up meanwhile.
    func moveLeader(to target: UInt64) async throws {
        guard raft.isLeader else { throw StoreError.notLeader }
        guard let target = settings.members.first(where: { UInt64($0.id) == target })?.id else {
            throw StoreError.badTransferee
        }
        let deadline = Clock.monotonicMilliseconds() + settings.requestTimeoutMilliseconds
        while raft.leader != target {
            guard Clock.monotonicMilliseconds() < deadline else {
                throw StoreError.transferTimedOut
            }
            if raft.isLeader { _ = handOver(to: target) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
