import ContractAdmission
import ContractWatch
import HTTPServing
import Kinds
import Linux
import Logging
import NIOSSL

/// The API server as one value: what it needs to know, and `run`.
public struct APIServer: Sendable {
    public struct Options: Sendable {
        /// `http://HOST:PORT` of the store's members.
        public var endpoints: [String]
        /// The directory of certificates.
        public var pki: String
        public var sockets: [HTTPServer.Socket]
        /// Where components reach this server: the endpoint of the Service `kubernetes`.
        public var advertise: (host: String, port: Int)
        public var serviceRange: AddressRange

        public init(
            endpoints: [String], pki: String, sockets: [HTTPServer.Socket],
            advertise: (host: String, port: Int),
            serviceRange: AddressRange
        ) {
            (self.endpoints, self.pki, self.sockets) = (endpoints, pki, sockets)
            (self.advertise, self.serviceRange) = (advertise, serviceRange)
        }
    }

    let options: Options
    let kinds: KindRegistry
    let watches: any WatchContract
    let admission: any AdmissionContract
    let logger: Logger

    public init(
        _ options: Options, kinds: KindRegistry = .builtIn, watches: any WatchContract, admission: any AdmissionContract,
        logger: Logger
    ) {
        (self.options, self.kinds, self.watches) = (options, kinds, watches)
        (self.admission, self.logger) = (admission, logger)
    }

    /// Serves until the task is cancelled: first the store, then what every cluster has, then the
    /// door opens.
    public func run() async throws {
        let store = try EtcdStore(
            endpoints: options.endpoints, pki: options.pki, logger: logger)
        let hub = WatchHub(store: store, logger: logger)
        let kubelets = try Kubelets(pki: options.pki)
        let api = API(
            kinds: kinds, store: store, hub: hub, watches: watches, admission: admission,
            services: ServiceAddresses(range: options.serviceRange), kubelets: kubelets,
            tokens: try TokenSigner(keyFile: "\(options.pki)/sa.key"), logger: logger)
        let authority = try Files.readText("\(options.pki)/ca.crt")
        let server = HTTPServer(
            tls: try serverTLS(options.pki), limits: HTTPLimits(connectionsMax: connectionsMax()),
            logger: logger, isKnown: { api.isKnown($0) },
            tooLarge: { .failure(.tooLarge(limitBytes: $0)) }
        ) { await api.respond($0) }
        do {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await store.run() }
                try await loadPatiently(hub)
                group.addTask { try await hub.run() }
                try api.noteServices()
                let (host, port) = options.advertise
                try await api.reconcileRoles()
                try await api.bootstrap(address: host, port: port)
                group.addTask {
                    try await api.keepHouse(address: host, port: port, authority: authority)
                }
                group.addTask {
                    try await server.run(options.sockets) {
                        logger.info("serving on \(options.sockets)")
                    }
                }
            }
        } catch {
            await kubelets.shutdown()
            throw error
        }
    }

    /// The store may come up after this server: waits for it, saying so.
    private func loadPatiently(_ hub: WatchHub) async throws {
        while true {
            do { return try await hub.load() } catch let error as StoreError {
                logger.warning("waiting for the store: \(error.status.message)")
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}

/// Clients may show a certificate of the kit's authority; one of any other is refused in the
/// handshake.
private func serverTLS(_ pki: String) throws -> NIOSSLContext {
    var tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile("\(pki)/apiserver.crt").map {
            .certificate($0)
        },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(pki)/apiserver.key", format: .pem)))
    tls.trustRoots = .file("\(pki)/ca.crt")
    tls.certificateVerification = .optionalVerification
    tls.applicationProtocols = ["http/1.1"]
    tls.minimumTLSVersion = .tlsv12
    return try NIOSSLContext(configuration: tls)
}

/// As many as this process may have descriptors for, less what it needs itself.
private func connectionsMax() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
    return max(64, min(Int(clamping: limit.rlim_cur), 4096 + 256) - 256)
}
