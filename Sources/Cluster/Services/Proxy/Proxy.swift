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
    private let logger: Logger

    /// - Parameter podCIDR: the network of all pods of the cluster; other clients are masqueraded.
    public init(
        client: APIClient, part: PartCalls<any ServiceDNATContract>, podCIDR: String,
        logger: Logger = Logger(label: "dnat")
    ) {
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
            let view = ServiceMap.view(
                services: await services.snapshot, slices: await slices.snapshot, podCIDR: podCIDR)
            let text = try await part.ask { try $0.render(view) }
            let jumps = try await part.ask { try $0.jumps() }
            try await kernel.apply(text, jumps: jumps)
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

/// Sets what a node's kernel needs to forward for pods. What can't be set is said, not fatal: it
/// may be set already.
private func prepareKernel(logger: Logger) {
    let settings = ["net/ipv4/ip_forward", "net/bridge/bridge-nf-call-iptables"]
    for setting in settings where Files.exists("/proc/sys/\(setting)") {
        do {
            if try Files.readText("/proc/sys/\(setting)").hasPrefix("1") { continue }
            try Files.write("1", to: "/proc/sys/\(setting)")
        } catch {
            logger.warning("\(setting) is not 1, and pods may not reach Services: \(error)")
        }
    }
}
