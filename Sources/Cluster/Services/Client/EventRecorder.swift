import ClientRules
import JSON
import Logging
import Objects

/// Tells people what happened to an object, as core/v1 Events; the same again only counts up.
///
/// Recording never waits for the server: events are queued and `run` posts them. Where the queue is full or
/// the server refuses, events are lost; they are for reading, nothing may depend on them.
public final class EventRecorder: Sendable {
    public enum Kind: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    private struct Entry: Sendable {
        let object: ObjectReference
        let kind: Kind
        let reason: String
        let message: String
        let at: Timestamp
    }

    private let client: APIClient
    private let component: String
    private let host: String?
    private let time: any TimeSource
    private let logger: Logger
    private let entries: AsyncStream<Entry>
    private let input: AsyncStream<Entry>.Continuation

    /// - Parameters:
    ///   - component: who says so: `deployment-controller`, `kubelet`.
    ///   - host: the node, where the component is one of many.
    public init(
        client: APIClient, component: String, host: String? = nil,
        time: any TimeSource = MachineTime(), logger: Logger? = nil
    ) {
        (self.client, self.component, self.host, self.time) = (client, component, host, time)
        self.logger = logger ?? Logger(label: "events")
        (entries, input) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(500))
    }

    public func record<Object: KubernetesObject>(
        _ object: Object, _ kind: Kind = .normal, reason: String, _ message: String
    ) {
        record(about: ObjectReference(to: object), kind, reason: reason, message)
    }

    public func record(
        about object: ObjectReference, _ kind: Kind = .normal, reason: String, _ message: String
    ) {
        input.yield(
            Entry(object: object, kind: kind, reason: reason, message: message, at: time.now))
    }

    /// Posts what is recorded, until cancelled.
    public func run() async throws {
        var posted = PostedEvents()
        for await entry in entries {
            do { try await post(entry, &posted) } catch {
                try Task.checkCancellation()
                logger.debug("event \(entry.reason): \(error)")
            }
        }
    }

    private func post(_ entry: Entry, _ posted: inout PostedEvents) async throws {
        let key = [
            entry.object.uid ?? "", entry.object.fieldPath ?? "", entry.kind.rawValue, entry.reason,
            entry.message,
        ].joined(separator: "\u{0}")
        if let (name, count) = posted.again(key) {
            let patch: JSON = [
                "count": JSON(count), "lastTimestamp": .string(entry.at.description),
            ]
            do {
                _ = try await client.patch(
                    Event.self, namespace: namespace(of: entry), name: name, patch)
                return
            } catch let error as APIError where error.isNotFound {}
        }
        let event = make(entry, serial: posted.nextSerial())
        _ = try await client.create(event)
        posted.first(key, name: event.metadata.name)
    }

    private func namespace(of entry: Entry) -> String { entry.object.namespace ?? "default" }

    private func make(_ entry: Entry, serial: Int) -> Event {
        let suffix = String(
            (time.now.seconds << 20) | (time.monotonicMilliseconds & 0x3FF) << 10 | serial & 0x3FF,
            radix: 16)
        var event = Event(
            metadata: ObjectMeta(
                name: "\(entry.object.name ?? "unknown").\(suffix)", namespace: namespace(of: entry)
            ),
            involvedObject: entry.object)
        (event.type, event.reason, event.message) = (
            entry.kind.rawValue, entry.reason, entry.message
        )
        (event.firstTimestamp, event.lastTimestamp, event.count) = (entry.at, entry.at, 1)
        event.source = .init(component: component, host: host)
        (event.reportingComponent, event.reportingInstance) = (component, host)
        return event
    }
}
