import HTTPServing
import Linux
import NIOCore
import Objects
import PodRuntime
import PodWork

/// `GET /containerLogs/NAMESPACE/POD/CONTAINER`, with kubectl's options in the query.
struct LogServer: Sendable {
    let manager: PodManager

    func answer(
        namespace: String, pod: String, container: String, query: Query
    ) async throws -> Response {
        guard let found = await manager.pod(namespace: namespace, name: pod),
            let view = await manager.machine(found.metadata.uid ?? "")
        else { return .text("pod \(pod) not found on this node\n", status: 404) }
        let isPrevious = query["previous"] == "true"
        guard let status = isPrevious ? view.lastRun(of: container) : view.current[container] else {
            return refusal(container, view, isPrevious: isPrevious)
        }
        let selection = LogSelection(query)
        let isFollowed = query["follow"] == "true" && !isPrevious
        let manager = manager
        let uid = found.metadata.uid ?? ""
        return Response(
            status: 200, headers: [("Content-Type", "text/plain")],
            body: .stream { writer in
                var tail = LogTail(status.logFile)
                try await writer.write(ByteBuffer(bytes: selection.select(tail.next())))
                while isFollowed {
                    // Asked before reading: what was written before the end is read after it.
                    let isRunning = await manager.isRunning(uid, container, status.id)
                    var rest = selection
                    rest.tailLines = nil
                    let more = rest.select(tail.next())
                    if !more.isEmpty { try await writer.write(ByteBuffer(bytes: more)) }
                    if !isRunning { break }
                    try await Task.sleep(for: .milliseconds(100))
                }
            })
    }

    private func refusal(
        _ container: String, _ view: PodMachineView, isPrevious: Bool
    ) -> Response {
        let names = (view.pod.spec.initContainers ?? []) + view.pod.spec.containers
        let pod = view.pod.metadata.name
        guard names.contains(where: { $0.name == container }) else {
            return .text("container \(container) is not valid for pod \(pod)\n", status: 400)
        }
        if isPrevious {
            return .text(
                "previous terminated container \"\(container)\" in pod \"\(pod)\" not found\n",
                status: 400)
        }
        let all =
            (view.status?.containerStatuses ?? []) + (view.status?.initContainerStatuses ?? [])
        let waiting = all.first { $0.name == container }?.state?.waiting
        let reason = waiting?.reason ?? "ContainerCreating"
        return .text(
            "container \"\(container)\" in pod \"\(pod)\" is waiting to start: \(reason)\n",
            status: 400)
    }
}

extension PodMachineView {
    /// The run before this one; a container that waits for its next start has no newer one than
    /// that.
    fileprivate func lastRun(of container: String) -> PodRuntime.ContainerStatus? {
        if let current = current[container], current.state == .exited {
            let waits = status?.containerStatuses?.first { $0.name == container }?.state?.waiting
            if waits != nil { return current }
        }
        return previous[container]
    }
}

extension PodManager {
    func isRunning(_ uid: String, _ container: String, _ id: String) async -> Bool {
        guard let current = await machine(uid)?.current[container] else { return false }
        return current.id == id && current.state == .running
    }
}

extension LogSelection {
    init(_ query: Query) {
        self.init()
        tailLines = query["tailLines"].flatMap { Int($0) }
        hasTimestamps = query["timestamps"] == "true"
        limitBytes = query["limitBytes"].flatMap { Int($0) }
        if let seconds = query["sinceSeconds"].flatMap({ Int($0) }) {
            let now = Clock.unixSeconds()
            since = Timestamp(seconds: now - min(max(0, seconds), now))
        } else if let time = query["sinceTime"] {
            since = Timestamp(time)
        }
    }
}

/// Reads a log file on and on, whole records at a time, across its rotation.
struct LogTail {
    private let path: String
    private var descriptor: LogDescriptor?
    private var pending: [UInt8] = []
    private var isFirst = true

    init(_ path: String) { self.path = path }

    /// The records since the last call; the first call begins with the rotated file.
    mutating func next() -> [UInt8] {
        var bytes = pending
        if isFirst {
            bytes += (try? Files.read("\(path).1")) ?? []
            isFirst = false
        }
        if descriptor == nil { descriptor = LogDescriptor(path) }
        bytes += descriptor?.rest() ?? []
        if let current = descriptor, current.isReplaced(at: path) {
            descriptor = LogDescriptor(path)
            bytes += descriptor?.rest() ?? []
        }
        guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
            pending = bytes
            return []
        }
        pending = Array(bytes[(end + 1)...])
        return Array(bytes[...end])
    }
}
