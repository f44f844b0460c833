import Client
import ContractPodLifecycle
import Linux
import Logging
import Objects
import PodRuntime
import PodWork

/// What every pod's worker uses. Without a client the kubelet stands alone: pods come from files,
/// and what would go to the API server is logged.
public struct KubeletServices: Sendable {
    public var configuration: KubeletConfiguration
    public var runtime: any RuntimeService
    public var images: any ImageService
    public var part: any PodLifecycleContract
    public var client: APIClient?
    public var recorder: EventRecorder?
    /// All Services of the cluster: their addresses are in every container's environment.
    let cluster: Informer<Service>?
    public var logger: Logger

    public init(
        configuration: KubeletConfiguration, runtime: any RuntimeService, images: any ImageService,
        part: any PodLifecycleContract, client: APIClient?, logger: Logger
    ) {
        self.configuration = configuration
        (self.runtime, self.images, self.part) = (runtime, images, part)
        (self.client, self.logger) = (client, logger)
        cluster = client.map { Informer<Service>(client: $0, logger: logger) }
        recorder = client.map {
            EventRecorder(client: $0, component: "kubelet", host: configuration.nodeName)
        }
    }

    var volumes: Volumes { Volumes(root: configuration.state) }

    func sandboxConfig(_ pod: Pod, attempt: Int) throws -> PodSandboxConfig {
        var config = PodSandboxConfig(
            name: pod.metadata.name, namespace: pod.metadata.namespace ?? "default",
            uid: pod.metadata.uid ?? "", attempt: attempt,
            hostname: String((pod.spec.hostname ?? pod.metadata.name).prefix(63)),
            hostNetwork: pod.spec.hostNetwork ?? false, logDirectory: logDirectory(pod),
            cgroupParent: "\(NodeFacts.podsGroup)/pod\(pod.metadata.uid ?? "")")
        config.processesMax = configuration.podProcessesMax
        config.resolvConf = PodWork.resolvConf(
            of: pod, clusterDNS: configuration.clusterDNS,
            node: (try? Files.readText("/etc/resolv.conf")) ?? "")
        config.hostLines = hostLines(of: pod)
        config.sysctls = try sysctls(of: pod)
        (config.hostPID, config.hostIPC) = (pod.spec.hostPID, pod.spec.hostIPC)
        config.sharesProcesses = pod.spec.shareProcessNamespace
        return config
    }

    /// The directory of a pod's logs, named as the real kubelet names it.
    func logDirectory(_ pod: Pod) -> String {
        let metadata = pod.metadata
        let name = "\(metadata.namespace ?? "default")_\(metadata.name)_\(metadata.uid ?? "")"
        return "\(configuration.state)/logs/\(name)"
    }

    func tell(
        _ pod: Pod, _ kind: EventRecorder.Kind = .normal, reason: String, _ message: String,
        container: String? = nil
    ) {
        logger.info("\(pod.key): \(reason): \(message)")
        guard let recorder else { return }
        var about = ObjectReference(to: pod)
        about.fieldPath = container.map { name in
            let isInit = pod.spec.initContainers?.contains { $0.name == name } ?? false
            return "spec.\(isInit ? "initContainers" : "containers"){\(name)}"
        }
        recorder.record(about: about, kind, reason: reason, message)
    }
}
