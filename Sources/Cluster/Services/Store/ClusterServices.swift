import Consensus
import EtcdAPI
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
            entry.peerUrls = ["http://\(peer.peerAddress)"]
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

    func moveLeader(
        request: Etcdserverpb_MoveLeaderRequest, context: ServerContext
    ) async throws -> Etcdserverpb_MoveLeaderResponse {
        guard await member.handOver() else {
            throw RPCError(code: .failedPrecondition, message: "etcdserver: not leader")
        }
        var response = Etcdserverpb_MoveLeaderResponse()
        response.header = await member.header()
        return response
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

    /// Gives the office to another member, if this one has it and another is ready.
    func handOver() -> Bool {
        var done = false
        event { done = $0.handOver(now: Clock.monotonicMilliseconds()) }
        return done
    }
}
