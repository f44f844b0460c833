import AsyncHTTPClient
import ClientRules
import JSON
import NIOCore
import Objects

extension APIClient {
    /// The changes after `resourceVersion`, until the server ends the stream (it does, after some minutes).
    ///
    /// The stream is pulled: nothing is read that nobody asked for. Dropping it closes the connection.
    /// - Throws: in the stream, `APIError` with `isGone` where the resourceVersion is too old.
    public func watch<T: KubernetesObject>(
        _ type: T.Type, of resource: Resource = T.resource, namespace: String? = nil,
        labelSelector: String? = nil, fieldSelector: String? = nil, resourceVersion: String
    ) -> AsyncThrowingStream<WatchEvent<T>, any Error> {
        let path = query(
            resource.path(namespace: namespace),
            [
                ("watch", "true"), ("allowWatchBookmarks", "true"),
                ("resourceVersion", resourceVersion),
                ("labelSelector", labelSelector), ("fieldSelector", fieldSelector),
            ])
        let reader = WatchReader<T>(transport: transport, path: path)
        return AsyncThrowingStream {
            let event = try await reader.next()
            if case .unreadable(let object, _) = event { self.name(object, of: resource.plural) }
            return event
        }
    }
}

/// Reads one watch: opens it at the first question, then hands out an event a call.
private actor WatchReader<T: KubernetesObject> {
    private let transport: Transport
    private let path: String
    private var body: Pieces?
    private var lines = LineSplitter()

    init(transport: Transport, path: String) { (self.transport, self.path) = (transport, path) }

    func next() async throws -> WatchEvent<T>? {
        if body == nil {
            body = Pieces(try await transport.open(path).makeAsyncIterator())
        }
        while true {
            if let line = lines.next() { return try WatchEvent(parsing: line) }
            guard let piece = try await body?.next() else { return nil }
            lines.append(piece.readableBytesView)
        }
    }
}

/// The body's iterator, which its own type does not let an actor keep over an `await`.
private final class Pieces: @unchecked Sendable {
    // @unchecked: an AsyncThrowingStream asks for one element at a time, so one call at a time comes here.
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    init(_ iterator: HTTPClientResponse.Body.AsyncIterator) { self.iterator = iterator }
    func next() async throws -> ByteBuffer? { try await iterator.next() }
}
