import APIServer
import ArgumentParser
import Contract
import Dispatch
import HTTPServing
import Linux
import Logging
import SolutionAdmission
import SolutionWatch

@main
struct APIServerProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apiserver",
        abstract: "Serves the Kubernetes API over a store that speaks etcd v3.",
        discussion: "Example: apiserver serve --store https://10.88.0.1:2379 --pki .drydock/pki",
        subcommands: [Serve.self, Bench.self], defaultSubcommand: Serve.self)
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve until SIGTERM; what `apiserver` does where no other command is named.",
        discussion: """
            Example:
              apiserver --store https://10.88.0.1:2379,https://10.88.0.1:2389 --pki .drydock/pki \\
                        --listen 10.88.0.1:6443 --service-cidr 10.96.0.0/16
            """)

    @Option(help: "The store's members, separated by commas: http://HOST:PORT,…")
    var store: String

    @Option(help: "The directory that `pki init` made.")
    var pki: String

    @Option(help: "The address to serve on, HOST:PORT.")
    var listen: String

    @Option(help: "A listening socket that this process inherits: its descriptor's number.")
    var listenFd: Int32?

    @Option(help: "Where Services get their addresses.")
    var serviceCidr = "10.96.0.0/16"

    @Flag(help: "Log every request.")
    var verbose = false

    func run() async throws {
        guard let range = AddressRange(serviceCidr) else {
            throw ValidationError("--service-cidr \(serviceCidr): write it like 10.96.0.0/16")
        }
        guard let colon = listen.lastIndex(of: ":"),
            let port = Int(listen[listen.index(after: colon)...])
        else {
            throw ValidationError("--listen \(listen): write it like 10.88.0.1:6443")
        }
        let host = String(listen[..<colon])
        var sockets: [HTTPServer.Socket] = [.address(host: host, port: port)]
        if let listenFd { sockets.append(.inherited(descriptor: listenFd)) }
        var logger = Logger(
            label: "apiserver", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = verbose ? .debug : .info
        raiseDescriptorLimit()
        let server = APIServer(
            APIServer.Options(
                endpoints: store.split(separator: ",").map(String.init), pki: pki, sockets: sockets,
                advertise: (host, port), serviceRange: range),
            watches: Watch(), admission: Admission(), logger: logger)
        try await untilTerminated(logger) { try await server.run() }
    }
}

/// Runs `body` until SIGTERM or SIGINT, then cancels it and gives it a second to end tidily.
private func untilTerminated(_ logger: Logger, _ body: @escaping @Sendable () async throws -> Void)
    async throws
{
    let (signals, tell) = AsyncStream<Int32>.makeStream()
    let sources = [SIGTERM, SIGINT].map { number in
        signal(number) { _ in }  // instead of dying; the source below is told as well
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { tell.yield(number) }
        source.resume()
        return source
    }
    defer { for source in sources { source.cancel() } }
    let work = Task { try await body() }
    Task {
        for await number in signals {
            logger.info("signal \(number): stopping")
            work.cancel()
            try? await Task.sleep(for: .seconds(1))
            exit(0)
        }
    }
    do { try await work.value } catch is CancellationError {}
}

/// Every watch of every client is a descriptor: as many as the system lets this process have.
private func raiseDescriptorLimit() {
    var limit = rlimit()
    let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(descriptors, &limit) == 0 else { return }
    let most = UInt64(min(limit.rlim_max, 1 << 16))
    // Where it can't be raised, fewer connections are served.
    try? ResourceLimits.set("RLIMIT_NOFILE", soft: most, hard: UInt64(limit.rlim_max))
}
