import EtcdAPI
import GRPCCore
import GRPCNIOTransportHTTP2
import Linux
import Logging

/// The store, by etcd's v3 API: conditional reads and writes on several members, whichever answers.
///
/// A request goes to the member that answered last; when that one dies or loses its leader, to the
/// next. A write that went to a member that never answered may have been done all the same, so
/// after a second try a refusal is compared with what was to be written (`Attempts.uncertain`).
final class EtcdStore: Sendable {
    typealias Transport = HTTP2ClientTransport.Posix

    struct Member: Sendable {
        let address: String
        let client: GRPCClient<Transport>
        let kv: Etcdserverpb_KV.Client<Transport>
        let watch: Etcdserverpb_Watch.Client<Transport>
    }

    static let secondsMax = 8
    static let attempt = Duration.milliseconds(2500)

    let members: [Member]
    private let logger: Logger
    private let lock = Lock()
    nonisolated(unsafe) private var preferred = 0  // guarded by `lock`

    /// - Parameters:
    ///   - endpoints: `https://10.88.0.1:2379`, …
    ///   - pki: the directory of `pki init`, for those that begin with `https`.
    init(endpoints: [String], pki: String, logger: Logger) throws {
        self.logger = logger
        members = try endpoints.map {
            try Member(address: $0, credentials: StoreCredentials(pki: pki))
        }
    }

    /// Keeps the connections. Ends when the task is cancelled.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for member in members { group.addTask { try await member.client.runConnections() } }
        }
    }

    var preferredMember: Member { members[lock.hold { preferred }] }

    /// Moves on from a member that failed, unless somebody did so already.
    func avoid(_ member: Member) {
        lock.hold {
            if members[preferred].address == member.address {
                preferred = (preferred + 1) % members.count
            }
        }
    }

    /// Asks members in turn until one answers.
    /// - Parameter body: one attempt; told whether an earlier one may have been carried out.
    func ask<Result: Sendable>(
        _ body: @Sendable (Member, CallOptions, _ uncertain: Bool) async throws -> Result
    ) async throws -> Result {
        let start = Clock.monotonicMilliseconds()
        var uncertain = false
        var failures = 0
        var options = CallOptions.defaults
        options.timeout = Self.attempt
        options.maxResponseMessageBytes = 1 << 30
        while true {
            let member = preferredMember
            do {
                return try await body(member, options, uncertain)
            } catch let error as RPCError {
                try Task.checkCancellation()
                guard error.isAboutTheMember else { throw error.storeError }
                avoid(member)
                failures += 1
                uncertain = true
                if Clock.monotonicMilliseconds() - start > Self.secondsMax * 1000 {
                    throw StoreError.unavailable(
                        seconds: Self.secondsMax, lastWords: "\(member.address): \(error.message)")
                }
                logger.debug("store \(member.address): \(error.code): \(error.message)")
                if failures % members.count == 0 { try await Task.sleep(for: .milliseconds(50)) }
            }
        }
    }
}

extension EtcdStore.Member {
    init(address: String, credentials: StoreCredentials) throws {
        guard let (host, port, isTLS) = hostAndPort(address) else {
            throw BadEndpoint(text: address)
        }
        let client = GRPCClient(
            transport: try etcdClientTransport(
                host: host, port: port, credentials: isTLS ? credentials : nil
            ) {
                $0.connection.keepalive = .init(
                    time: .seconds(10), timeout: .seconds(3), allowWithoutCalls: false)
                $0.connection.maxIdleTime = nil
                $0.backoff = .init(
                    initial: .milliseconds(50), max: .milliseconds(500), multiplier: 1.6,
                    jitter: 0.2)
            })
        self.init(
            address: address, client: client, kv: .init(wrapping: client),
            watch: .init(wrapping: client))
    }
}

struct BadEndpoint: Error, CustomStringConvertible {
    let text: String
    var description: String {
        "\"\(text)\" is no store address: write https://HOST:PORT, or http://HOST:PORT"
    }
}

/// `https://10.88.0.1:2379` as host and port, and whether it is TLS that is spoken there.
func hostAndPort(_ url: String) -> (host: String, port: Int, isTLS: Bool)? {
    let isTLS = url.hasPrefix("https://")
    let rest = isTLS || url.hasPrefix("http://") ? url.dropFirst(isTLS ? 8 : 7) : url[...]
    guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...])
    else {
        return nil
    }
    let host = rest[..<colon]
    return host.isEmpty || host.contains("/") ? nil : (String(host), port, isTLS)
}

extension RPCError {
    /// True where another member, or the same a little later, may do better.
    var isAboutTheMember: Bool {
        switch code {
        case .unavailable, .deadlineExceeded, .cancelled, .internalError, .unknown, .aborted: true
        default: false
        }
    }

    var storeError: StoreError {
        code == .outOfRange && message.contains("compacted") ? .compacted : .refused(message)
    }
}
