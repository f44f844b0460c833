import Bytes
import EtcdAPI
import Foundation
import Revisions

/// What one entry of the log asks of the state machine.
struct Command {
    enum Kind: UInt8 {
        case operation = 1
        case compaction, leaseGrant, leaseRevoke
    }

    var kind: Kind
    /// The request as etcd's API has it: an `Request` in protobuf, for instance.
    var body: [UInt8]

    var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.byte(kind.rawValue)
        writer.raw(body)
        return writer.bytes
    }

    init(kind: Kind, body: [UInt8]) {
        self.kind = kind
        self.body = body
    }

    init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        guard let kind = Kind(rawValue: try reader.byte()) else {
            throw ByteReader.Malformed(offset: 0)
        }
        self.kind = kind
        body = reader.rest()
    }
}

/// What applying a command gave.
enum Applied: Sendable {
    case result(RequestResult)
    /// Done, at this revision.
    case done(revision: Int)
    case refused(RevisionError)
}

extension Keyspace {
    /// Applies one command of the log. The same on every member, whatever the command.
    mutating func apply(_ command: Command) -> Applied {
        do {
            switch command.kind {
            case .operation:
                let request = try Etcdserverpb_RequestOp(serializedBytes: command.body)
                return .result(try apply(try Request(request)))
            case .compaction:
                let request = try Etcdserverpb_CompactionRequest(serializedBytes: command.body)
                try compact(to: Int(request.revision))
            case .leaseGrant:
                let request = try Etcdserverpb_LeaseGrantRequest(serializedBytes: command.body)
                try grantLease(id: request.id, ttl: Int(request.ttl))
            case .leaseRevoke:
                let request = try Etcdserverpb_LeaseRevokeRequest(serializedBytes: command.body)
                try revokeLease(id: request.id)
            }
            return .done(revision: revision)
        } catch let error as RevisionError {
            return .refused(error)
        } catch {
            // Nobody but a member writes commands, and it checked this one; all members refuse it alike.
            return .refused(.keyNotFound)
        }
    }
}
