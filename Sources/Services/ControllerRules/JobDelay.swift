import JSON
import Objects

/// How long a Job waits before it tries again: 10 s after its first failure, then 20, 40 and so on up to ten
/// minutes; a success ends the row.
///
/// Made from the pods themselves, which stay when they have ended: a controller that was restarted waits no
/// less. Source: k8s.io/kubernetes pkg/controller/job/backoff_utils.go.
struct JobDelay: Equatable {
    static let firstSeconds = 10
    static let secondsMax = 600
    private var failures = 0
    private var last = 0

    /// - Parameter pods: those that have ended, in any order.
    init(_ pods: [JSON]) {
        func ends(_ phase: String) -> [Int] {
            pods.filter { $0.at("status", "phase")?.string == phase }.compactMap(endedAt)
        }
        let success = ends("Succeeded").max()
        let failed = ends("Failed").filter { $0 > success ?? .min }
        (failures, last) = (failed.count, failed.max() ?? 0)
    }

    func secondsLeft(_ now: Int) -> Int {
        guard failures > 0 else { return 0 }
        let delay = min(Self.firstSeconds << min(failures - 1, 10), Self.secondsMax)
        return max(0, last + delay - now)
    }
}

/// When the last of its containers ended; nil where nothing says so.
private func endedAt(_ pod: JSON) -> Int? {
    (pod.at("status", "containerStatuses")?.array ?? []).compactMap {
        $0.at("state", "terminated", "finishedAt")?.string.flatMap { Timestamp($0) }?.seconds
    }.max()
}
