import ArgumentParser
import Client
import ContractPodLifecycle
import Kubelet
import Linux
import Logging
import PartPipe
import PodRuntime
import SolutionPodLifecycle

/// `kubelet`: runs the pods of one node.
struct KubeletProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubelet",
        abstract: "Run the pods of one node until SIGTERM; containers run on.",
        discussion: """
            Example: kubelet --kubeconfig pki/node-1.kubeconfig --node-name node-1 --node-ip 10.88.0.11 \
            --pod-cidr 10.244.1.0/24 --state nodes/node-1 --images images --layers layers \
            --cgroup-root /node-1 --runtime runtime --overlay overlay --shim shim --pki pki

            Without --kubeconfig the kubelet stands alone and runs the pods in --manifests.
            """)

    @Option(help: "The kubeconfig, written as JSON.") var kubeconfig: String?
    @Option(help: "The Node's name.") var nodeName: String
    @Option(help: "The node's own address.") var nodeIp: String
    @Option(help: "The block that pods get addresses from.") var podCidr: String
    @Option(help: "The kubelet's directory.") var state: String
    @Option(help: "The OCI layout that images come from.") var images: String
    @Option(help: "The directory of unpacked layers, shared by all nodes.") var layers: String
    @Option(help: "The parent of all pods' cgroups, or none.") var cgroupRoot = "none"
    @Option(help: "The OCI runtime: the kit's own, runc, crun.") var runtime: String
    @Option(help: "The program that mounts root file systems.") var overlay: String
    @Option(help: "The program that stays with a container.") var shim: String
    @Option(help: "The directory of ca.crt, NODE.crt and NODE.key; without it no HTTPS server.")
    var pki: String?
    @Option(help: "A directory of pods, one JSON file each, that run without an API server.")
    var manifests: String?
    @Option(help: "The cluster's DNS server, for the pods' resolv.conf.") var clusterDns =
        "10.96.0.10"
    @Option(help: "Seconds before the second restart of a crashing container.")
    var backOffInitialSeconds = 10
    @Option(help: "Seconds between restarts of a crashing container, at most.")
    var backOffMaxSeconds = 300
    @Option(help: "Seconds a container has to run for its back-off to begin anew.")
    var backOffResetSeconds = 600
    @Option(help: "Seconds that the node's lease is good for; it is renewed four times as often.")
    var leaseSeconds = 20
    @Option(help: "A container's log of this many bytes is set aside and a new one begun.")
    var logBytesMax = 10 << 20

    func run() async throws {
        // Many short-lived threads: without a bound each may get a heap of its own.
        mallopt(M_ARENA_MAX, 2)
        Daemon.bootstrapLogging()
        let logger = Logger(label: "kubelet")
        let kubelet = Kubelet(services: try services(logger))
        try await Daemon.run { try await kubelet.run() }
    }

    private func services(_ logger: Logger) throws -> KubeletServices {
        guard let block = CIDR(podCidr) else {
            throw ValidationError("--pod-cidr \(podCidr): write it as 10.244.1.0/24")
        }
        if kubeconfig == nil, manifests == nil {
            throw ValidationError("give --kubeconfig, or --manifests to run without an API server")
        }
        var configuration = KubeletConfiguration(
            nodeName: nodeName, nodeIP: nodeIp, podCIDR: block, state: state)
        (configuration.manifests, configuration.pki) = (manifests, pki)
        configuration.leaseSeconds = leaseSeconds
        configuration.cgroupRoot = cgroupRoot == "none" ? nil : cgroupRoot
        configuration.clusterDNS = clusterDns
        configuration.authority = try pki.map { try Files.read("\($0)/ca.crt") }
        configuration.settings.backOffInitial = backOffInitialSeconds
        configuration.settings.backOffMax = backOffMaxSeconds
        configuration.settings.backOffReset = backOffResetSeconds
        let runtime = try ShimRuntime(
            programs: .init(shim: shim, runtime: runtime, overlay: overlay),
            state: StateDirectory(state), network: PodNetwork(block: block),
            cgroupRoot: configuration.cgroupRoot, logBytesMax: logBytesMax)
        try runtime.releaseLostAddresses()
        return KubeletServices(
            configuration: configuration, runtime: runtime,
            images: LayoutImages(layout: images, layers: layers, overlay: overlay),
            part: part(logger),
            client: try kubeconfig.map { try APIClient(kubeconfig: $0) }, logger: logger)
    }

    private func part(_ logger: Logger) -> any PodLifecycleContract {
        guard let student = StudentPart(lab: "12") else { return PodLifecycle() }
        logger.notice("lab 12, your part: \(student.path)")
        return RemotePodLifecycle(asking: student)
    }
}

/// `main()` exists both waiting and not; the type here says which is meant.
func start<Program: AsyncParsableCommand>(_ program: Program.Type) async { await program.main() }

await start(KubeletProgram.self)
