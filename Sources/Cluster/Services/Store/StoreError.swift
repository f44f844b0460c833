import EtcdAPI
import GRPCCore
import Revisions

/// Why a request was not answered, with etcd's codes and words where it has them.
enum StoreError: Error, Hashable {
    case refused(RevisionError)
    /// No answer from a majority within the time; says what is known about it.
    case timedOut(String)
    case leaderChanged
    case noSpace
    case stopped
    case unhealthyPart(String)

    var rpc: RPCError {
        switch self {
        case .refused(let error): RPCError(code: error.code, message: error.description)
        case .timedOut(let why):
            RPCError(code: .unavailable, message: "etcdserver: request timed out (\(why))")
        case .leaderChanged: RPCError(code: .unavailable, message: "etcdserver: leader changed")
        case .noSpace:
            RPCError(
                code: .resourceExhausted,
                message: "etcdserver: mvcc: database space exceeded (no room on the disk)")
        case .stopped: RPCError(code: .unavailable, message: "etcdserver: server stopped")
        case .unhealthyPart(let text): RPCError(code: .internalError, message: text)
        }
    }
}

extension RevisionError {
    var code: RPCError.Code {
        switch self {
        case .compacted, .futureRevision, .leaseTTLTooLarge: .outOfRange
        case .leaseNotFound: .notFound
        case .leaseExists: .failedPrecondition
        case .emptyKey, .valueProvided, .leaseProvided, .keyNotFound, .duplicateKey, .tooManyOperations:
            .invalidArgument
        }
    }
}
