import JSON
import Linux
import Objects
import PodRuntime
import PodWork

/// What containers and node use: read every few seconds, so that a rate can be told at once when
/// asked for. Source of the answer's shape: k8s.io/kubelet/pkg/apis/stats/v1alpha1.
actor UsageSampler {
    static let periodSeconds = 5
    private let services: KubeletServices
    private let manager: PodManager
    /// By container id; the node's own is under the empty string.
    private var rates: [String: UsageRate] = [:]
    private let began = unixNanoseconds()

    init(services: KubeletServices, manager: PodManager) {
        (self.services, self.manager) = (services, manager)
    }

    /// Takes samples until cancelled.
    func run() async throws {
        while true {
            try await Task.sleep(for: .seconds(Self.periodSeconds))
            var kept: [String: UsageRate] = [:]
            for (id, stats) in await read() {
                var rate = rates[id] ?? UsageRate()
                rate.sample(stats)
                kept[id] = rate
            }
            rates = kept
        }
    }

    /// All readings of this moment.
    private func read() async -> [String: ContainerStats] {
        var ids: [String] = []
        for pod in await manager.all {
            let current = await manager.machine(pod.metadata.uid ?? "")?.current ?? [:]
            ids += current.values.filter { $0.state == .running }.map(\.id)
        }
        let (runtime, root) = (services.runtime, services.configuration.cgroupRoot)
        let readings = try? await blocking { [ids] in
            var readings: [String: ContainerStats] = [:]
            for id in ids { readings[id] = try? runtime.containerStats(id) }
            readings[""] = root.flatMap(Cgroups.stats) ?? .sum(of: Array(readings.values))
            return readings
        }
        return readings ?? [:]
    }

    func summary() async throws -> JSON {
        let readings = await read()
        var pods: [JSON] = []
        for pod in await manager.all {
            guard let view = await manager.machine(pod.metadata.uid ?? "") else { continue }
            let containers = view.current.sorted { $0.key < $1.key }.compactMap { name, status in
                readings[status.id].map { entry(name, status.id, $0, startedAt: status.startedAt) }
            }
            pods.append([
                "podRef": [
                    "name": .string(pod.metadata.name),
                    "namespace": .string(pod.metadata.namespace ?? ""),
                    "uid": .string(pod.metadata.uid ?? ""),
                ],
                "startTime": .string(view.status?.startTime?.description ?? ""),
                "containers": .array(containers),
            ])
        }
        var node = entry("", "", readings[""] ?? .sum(of: []), startedAt: began)
        node["name"] = nil
        node["nodeName"] = .string(services.configuration.nodeName)
        return ["node": node, "pods": .array(pods)]
    }

    private func entry(
        _ name: String, _ id: String, _ stats: ContainerStats, startedAt: Int
    ) -> JSON {
        let time = Timestamp(seconds: stats.at / 1_000_000_000).description
        let rate = (rates[id] ?? UsageRate()).nanoCores(stats, startedAt: startedAt)
        return [
            "name": .string(name),
            "startTime": .string(Timestamp(seconds: startedAt / 1_000_000_000).description),
            "cpu": [
                "time": .string(time), "usageNanoCores": JSON(rate),
                "usageCoreNanoSeconds": JSON(stats.cpuNanoseconds),
            ],
            "memory": [
                "time": .string(time), "usageBytes": JSON(stats.memoryUsageBytes),
                "workingSetBytes": JSON(stats.memoryWorkingSetBytes),
            ],
        ]
    }
}

extension ContainerStats {
    /// For a node without a cgroup of its own.
    fileprivate static func sum(of readings: [ContainerStats]) -> ContainerStats {
        ContainerStats(
            at: unixNanoseconds(), cpuNanoseconds: readings.reduce(0) { $0 + $1.cpuNanoseconds },
            memoryUsageBytes: readings.reduce(0) { $0 + $1.memoryUsageBytes },
            memoryWorkingSetBytes: readings.reduce(0) { $0 + $1.memoryWorkingSetBytes })
    }
}
