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
    public var logger: Logger

    public init(
        configuration: KubeletConfiguration, runtime: any RuntimeService, images: any ImageService,
        part: any PodLifecycleContract, client: APIClient?, logger: Logger
    ) {
        self.configuration = configuration
        (self.runtime, self.images, self.part) = (runtime, images, part)
        (self.client, self.logger) = (client, logger)
        recorder = client.map {
            EventRecorder(client: $0, component: "kubelet", host: configuration.nodeName)
        }
    }

    var volumes: Volumes { Volumes(root: configuration.state) }

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

    /// What the pod's environment and volumes may refer to, fetched anew for each start.
    func facts(_ pod: Pod, podIP: String) async throws -> ContainerFacts {
        var facts = ContainerFacts(
            nodeName: configuration.nodeName, hostIP: configuration.nodeIP, podIP: podIP)
        let (configMaps, secrets) = pod.spec.mentioned
        guard let client, let namespace = pod.metadata.namespace else { return facts }
        for name in configMaps {
            do {
                let map = try await client.get(ConfigMap.self, namespace: namespace, name: name)
                facts.configMaps[name] = map.data ?? [:]
            } catch let error as APIError where error.isNotFound {}
        }
        for name in secrets {
            do {
                let secret = try await client.get(Secret.self, namespace: namespace, name: name)
                facts.secrets[name] = (secret.data ?? [:]).compactMapValues(decodeBase64)
            } catch let error as APIError where error.isNotFound {}
        }
        return facts
    }
}

extension PodSpec {
    /// The names of all ConfigMaps and Secrets in volumes and environments, sorted.
    var mentioned: (configMaps: [String], secrets: [String]) {
        let all = (initContainers ?? []) + containers
        let variables = all.flatMap { $0.env ?? [] }
        let sets = all.flatMap { $0.envFrom ?? [] }
        let maps =
            variables.compactMap { $0.valueFrom?.configMapKeyRef?.name }
            + sets.compactMap { $0.configMapRef?.name }
            + (volumes ?? []).compactMap { $0.configMap?.name }
        let secrets =
            variables.compactMap { $0.valueFrom?.secretKeyRef?.name }
            + sets.compactMap { $0.secretRef?.name }
            + (volumes ?? []).compactMap { $0.secret?.secretName }
        return (Set(maps).sorted(), Set(secrets).sorted())
    }
}

/// RFC 4648; nil for what is not base64, or not UTF-8 text.
func decodeBase64(_ text: String) -> String? {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bytes: [UInt8] = []
    var (bits, count) = (0, 0)
    for byte in text.utf8 where byte != UInt8(ascii: "=") && byte != 10 {
        guard let value = alphabet.firstIndex(of: byte) else { return nil }
        bits = (bits << 6 | value) & 0xFFFF
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(bits >> count & 255))
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
