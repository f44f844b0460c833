import EtcdAPI
import GRPCCore
import Revisions

/// Why a request was not answered, with etcd's codes and words where it has them.
enum StoreError: Error, Hashable {
    case refused(RevisionError)
    /// No answer from a majority within the time; says what is known about it.
    case timedOut(String)
    /// Nobody leads, and has not for some time: nothing was done. Says what is known about it.
    case noLeader(String)
    case tooManyRequests
    case noSpace
    /// It may be done yet: why this member can't wait for it.
    case uncertain(String)
    case stopped
    /// More bytes than a request may have.
    case tooLarge
    case notLeader
    /// The member that is to lead is none of the cluster's.
    case badTransferee
    case transferTimedOut

    var rpc: RPCError {
        switch self {
        case .refused(let error): RPCError(code: error.code, message: error.description)
        case .timedOut(let why):
            RPCError(code: .unavailable, message: "etcdserver: request timed out (\(why))")
        case .noLeader(let why):
            RPCError(code: .unavailable, message: "etcdserver: no leader (\(why))")
        case .tooManyRequests:
            RPCError(code: .resourceExhausted, message: "etcdserver: too many requests")
        case .noSpace:
            RPCError(
                code: .resourceExhausted,
                message: "etcdserver: mvcc: database space exceeded (no room on the disk)")
        case .uncertain(let why):
            RPCError(
                code: .unavailable,
                message: "etcdserver: request timed out (\(why); whether it was done is not known)")
        case .stopped: RPCError(code: .unavailable, message: "etcdserver: server stopped")
        case .tooLarge:
            RPCError(code: .invalidArgument, message: "etcdserver: request is too large")
        case .notLeader: RPCError(code: .failedPrecondition, message: "etcdserver: not leader")
        case .badTransferee:
            RPCError(code: .failedPrecondition, message: "etcdserver: bad leader transferee")
        case .transferTimedOut:
            RPCError(
                code: .unavailable,
                message: "etcdserver: request timed out, leader transfer took too long")
        }
    }
}

extension RevisionError {
    var code: RPCError.Code {
        switch self {
        case .compacted, .futureRevision, .leaseTTLTooLarge: .outOfRange
        case .leaseNotFound: .notFound
        case .leaseExists: .failedPrecondition
        case .emptyKey, .valueProvided, .leaseProvided, .keyNotFound, .duplicateKey,
            .tooManyOperations:
            .invalidArgument
        }
    }
}
