import Client
import ContractServiceDNAT
import Linux
import Logging
import Objects
import ServiceRules

/// A node's proxy: keeps the kernel's rules in step with the API's Services and EndpointSlices.
///
/// It runs in its node's network namespace. Two informers tell it that something changed; it then
/// looks at
/// everything and writes everything, in one call of iptables-restore, unless the text is the one
/// that is there.
public struct Proxy: Sendable {
    /// Changes come in bursts: after a sync, what arrives within this time is taken together.
    static let gatherMilliseconds = 50
    /// How often the kernel is asked whether the rules are still there.
    static let verifySeconds = 30

    private let part: PartCalls<any ServiceDNATContract>
    private let services: Informer<Service>
    private let slices: Informer<EndpointSlice>
    private let kernel: KernelRules
    private let podCIDR: String
    private let place: ProxyPlace
    private let recorder: EventRecorder
    private let outcasts = Outcasts()
    private let logger: Logger

    /// - Parameters:
    ///   - podCIDR: the network of all pods of the cluster; other clients are masqueraded.
    ///   - place: where the rules are for.
    public init(
        client: APIClient, part: PartCalls<any ServiceDNATContract>, podCIDR: String,
        place: ProxyPlace,
        logger: Logger = Logger(label: "dnat")
    ) {
        self.place = place
        recorder = EventRecorder(client: client, component: "kube-proxy", host: place.node)
        self.part = part
        services = Informer(client: client)
        slices = Informer(client: client)
        kernel = KernelRules(logger: logger)
        self.podCIDR = podCIDR
        self.logger = logger
    }

    /// Runs until cancelled. The rules stay when it ends, as kube-proxy's do: connections outlive
    /// the proxy.
    public func run() async throws {
        prepareKernel(logger: logger)
        let (changes, changed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        await services.onChange { _ in changed.yield() }
        await slices.onChange { _ in changed.yield() }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await services.run() }
            group.addTask { try await slices.run() }
            group.addTask { try await recorder.run() }
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(Self.verifySeconds))
                    await kernel.distrust()
                    changed.yield()
                }
            }
            // Rules made from half the objects would cut off the other half's clients.
            await services.waitUntilSynced()
            await slices.waitUntilSynced()
            changed.yield()
            for await _ in changes {
                await sync(again: { changed.yield() })
                try await Task.sleep(for: .milliseconds(Self.gatherMilliseconds))
            }
        }
    }

    private func sync(again: @escaping @Sendable () -> Void) async {
        do {
            var view = ServiceMap.view(
                services: await services.snapshot, slices: await slices.snapshot, podCIDR: podCIDR,
                at: place)
            view.ports = await outcasts.without(view.ports)
            do { try await write(view) } catch let failure as IPTablesFailure {
                try await findSpoilers(in: view, failure)
                view.ports = await outcasts.without(view.ports)
                try await write(view)
            }
        } catch {
            logger.error("rules not written, the old ones stay: \(error)")
            // Whatever stood in the way may pass; the next change would come too late.
            Task {
                try? await Task.sleep(for: .seconds(1))
                again()
            }
        }
    }
}

extension Proxy {
    private func write(_ view: ProxyView) async throws {
        let text = try await part.ask { try $0.render(view) }
        let jumps = try await part.ask { try $0.jumps() }
        try await kernel.apply(text, jumps: jumps)
    }

    /// One Service that iptables refuses must not stop the others: it is left out until it changes, and its owner told.
    private func findSpoilers(in view: ProxyView, _ failure: IPTablesFailure) async throws {
        func refusal(_ ports: [ServicePortFacts]) async throws -> String? {
            let view = ProxyView(podCIDR: podCIDR, ports: ports)
            return try await kernel.refusal(of: try await part.ask { try $0.render(view) })
        }
        // Where even no Service at all is refused, it's not a Service.
        guard try await refusal([]) == nil else { throw failure }
        let found = try await spoilers(among: view.ports) { try await refusal($0) == nil }
        if found.isEmpty { throw failure }
        for port in found {
            let words = try await refusal([port]) ?? ""
            logger.error("\(port.name) left out, iptables refuses its rules: \(words)")
            await outcasts.add(port)
            let services = await services.snapshot
            guard
                let service = services.first(where: {
                    $0.metadata.namespace == port.namespace && $0.metadata.name == port.service
                })
            else { continue }
            recorder.record(
                service, .warning, reason: "FailedToWriteRules",
                "node \(place.node) has no rules for port \(port.name): iptables-restore: \(words)")
        }
    }
}

/// The Service ports that iptables refuses, just as they are.
private actor Outcasts {
    private var ports: Set<ServicePortFacts> = []

    func add(_ port: ServicePortFacts) { ports.insert(port) }

    /// Forgets whom it doesn't see any more: who changed gets another try.
    func without(_ all: [ServicePortFacts]) -> [ServicePortFacts] {
        ports.formIntersection(all)
        return all.filter { !ports.contains($0) }
    }
}

/// Sets what a node's kernel needs to forward for pods. What can't be set is said, not fatal: it
/// may be set already.
private func prepareKernel(logger: Logger) {
    // Without the last a node port isn't answered at 127.0.0.1; what the rules do about strangers stands in Render.swift.
    let settings = [
        "net/ipv4/ip_forward", "net/bridge/bridge-nf-call-iptables",
        "net/ipv4/conf/all/route_localnet",
    ]
    for setting in settings where Files.exists("/proc/sys/\(setting)") {
        do {
            if try Files.readText("/proc/sys/\(setting)").hasPrefix("1") { continue }
            try Files.write("1", to: "/proc/sys/\(setting)")
        } catch {
            logger.warning("\(setting) is not 1, and pods may not reach Services: \(error)")
        }
    }
}
