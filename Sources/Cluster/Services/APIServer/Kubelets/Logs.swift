import AsyncHTTPClient
import HTTPServing
import JSON
import Kinds

extension API {
    /// `kubectl logs`: the kubelet's answer, as it comes.
    func log(_ call: Call) async throws -> Response {
        let options = try LogOptions(call)
        let pod = try await read(call)
        let container = try container(of: pod, named: call.query["container"])
        let node = pod.at("spec", "nodeName")?.string ?? ""
        guard !node.isEmpty else {
            throw StatusError.badRequest("pod \(pod.name) does not have a host assigned")
        }
        guard let entry = hub.read({ $0.entry("nodes", key: "/registry/nodes/\(node)") }) else {
            throw StatusError.notFound(.node, name: node)
        }
        let path = "/containerLogs/\(pod.namespace)/\(pod.name)/\(container)\(options.query)"
        let answer = try await kubelets.get(JSON(parsing: entry.bytes), path)
        guard answer.status == .ok else { throw try await refusal(answer) }
        return Response(
            status: 200,
            headers: [("Content-Type", "text/plain"), ("Cache-Control", "no-cache, private")],
            body: .stream { writer in
                // Reading is cut short when the client goes, so that nobody follows a log for ever.
                try await untilClosed(call.request.connection) {
                    for try await chunk in answer.body { try await writer.write(chunk) }
                }
            })
    }

    private func refusal(_ answer: HTTPClientResponse) async throws -> StatusError {
        let body = try await answer.body.collect(upTo: 1 << 16)
        let text = String(decoding: body.readableBytesView, as: UTF8.self)
        let status = try? JSON(parsing: Array(body.readableBytesView))
        let message =
            status?["message"]?.string ?? text.split(separator: "\n").joined(separator: " ")
        let code = Int(answer.status.code)
        return StatusError(
            code: code,
            reason: code == 404 ? "NotFound" : code == 400 ? "BadRequest" : "InternalError",
            message: message)
    }

    /// The container that is meant: where none is named, the only one there is.
    private func container(of pod: JSON, named name: String?) throws -> String {
        let lists = ["containers", "initContainers", "ephemeralContainers"].map { list in
            (pod.at("spec", list)?.array ?? []).compactMap { $0["name"]?.string }
        }
        if let name {
            if lists.joined().contains(name) { return name }
            throw StatusError.badRequest("container \(name) is not valid for pod \(pod.name)")
        }
        if let only = lists[0].first, lists[0].count == 1 { return only }
        throw StatusError.badRequest(
            "a container name must be specified for pod \(pod.name), choose one of: "
                + "[\(lists[0].joined(separator: " "))]")
    }
}

/// Runs `body`, and cancels it when the peer of the connection goes.
func untilClosed(_ connection: Connection, _ body: @escaping @Sendable () async throws -> Void)
    async throws
{
    let (closed, close) = AsyncStream<Void>.makeStream()
    connection.whenClosed { close.finish() }
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(operation: body)
        group.addTask { for await _ in closed {} }
        try await group.next()
        group.cancelAll()
    }
}
