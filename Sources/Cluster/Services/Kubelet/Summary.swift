import JSON
import Linux
import Objects
import PodRuntime

/// `GET /stats/summary`: what node, pods and containers use, as `kubectl top` and the autoscaler want it.
/// Source: k8s.io/kubelet/pkg/apis/stats/v1alpha1.
actor SummaryReader {
    private let services: KubeletServices
    private let manager: PodManager
    /// The reading that the next rate is counted from, by container id.
    private var last: [String: ContainerStats] = [:]
    private var rates: [String: Int] = [:]

    init(services: KubeletServices, manager: PodManager) {
        (self.services, self.manager) = (services, manager)
    }

    func read() async throws -> JSON {
        var pods: [JSON] = []
        var seen: Set<String> = []
        var (totalRate, totalTime, totalMemory) = (0, 0, 0)
        for pod in await manager.all {
            guard let view = await manager.machine(pod.metadata.uid ?? "") else { continue }
            var containers: [JSON] = []
            for (name, status) in view.current.sorted(by: { $0.key < $1.key })
            where status.state == .running {
                let runtime = services.runtime
                guard let stats = try? await blocking({ try runtime.containerStats(status.id) }) else {
                    continue
                }
                seen.insert(status.id)
                let rate = rate(status.id, stats)
                containers.append(entry(name, stats, rate, since: status.startedAt))
                totalRate += rate
                totalTime += stats.cpuNanoseconds
                totalMemory += stats.memoryWorkingSetBytes
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
        last = last.filter { seen.contains($0.key) }
        rates = rates.filter { seen.contains($0.key) }
        let sum = ContainerStats(
            at: unixNanoseconds(), cpuNanoseconds: totalTime, memoryUsageBytes: totalMemory,
            memoryWorkingSetBytes: totalMemory)
        var node = entry("", sum, totalRate, since: 0)
        node["name"] = nil
        node["nodeName"] = .string(services.configuration.nodeName)
        return ["node": node, "pods": .array(pods)]
    }

    /// CPU nanoseconds a second, over the time since the last reading, or since the container began where it
    /// is the first; readings closer than a second would measure noise.
    private func rate(_ id: String, _ now: ContainerStats) -> Int {
        guard let before = last[id] else {
            last[id] = now
            return 0
        }
        guard now.at - before.at >= 1_000_000_000 else { return rates[id] ?? 0 }
        let used = Double(max(0, now.cpuNanoseconds - before.cpuNanoseconds))
        let rate = Int(used * 1e9 / Double(now.at - before.at))
        (last[id], rates[id]) = (now, rate)
        return rate
    }

    private func entry(_ name: String, _ stats: ContainerStats, _ rate: Int, since: Int) -> JSON {
        let time = Timestamp(seconds: stats.at / 1_000_000_000).description
        return [
            "name": .string(name),
            "startTime": .string(Timestamp(seconds: since / 1_000_000_000).description),
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
