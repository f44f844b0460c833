import Client
import JSON
import Linux
import Logging
import Objects

/// Sends one pod's status to the API server: the newest, one at a time, until it is taken.
///
/// While a request is under way newer statuses replace each other, so a pod that starts quickly
/// costs two or three requests however many steps it took.
final class StatusPublisher: @unchecked Sendable {
    // @unchecked: the state below is touched with `lock` held.
    private let lock = Lock()
    private let services: KubeletServices
    private let namespace: String?
    private let name: String
    private let uid: String?
    private var newest: PodStatus?
    /// The last one that the API server has taken.
    private var sent: PodStatus?
    private var isGone = false
    private let (news, input) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    init(services: KubeletServices, pod: Pod) {
        self.services = services
        (namespace, name, uid) = (pod.metadata.namespace, pod.metadata.name, pod.metadata.uid)
    }

    /// The newest status that was to be published.
    var last: PodStatus? { lock.hold { newest } }

    func publish(_ status: PodStatus) {
        let isNew = lock.hold {
            if newest == status { return false }
            newest = status
            return true
        }
        if isNew { input.yield() }
    }

    func run() async {
        for await _ in news {
            while let status = unsent {
                if await send(status) {
                    lock.hold { sent = status }
                    continue
                }
                do { try await Task.sleep(for: .milliseconds(200)) } catch { return }
            }
        }
    }

    /// Waits until the newest status has been sent, or a second has passed.
    func flush() async {
        for _ in 0..<100 where unsent != nil {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    private var unsent: PodStatus? {
        lock.hold { newest == sent || isGone ? nil : newest }
    }

    private func send(_ status: PodStatus) async -> Bool {
        guard let client = services.client else {
            services.logger.info("\(namespace ?? "")/\(name): \(status.phase ?? "")")
            return true
        }
        do {
            var body: JSON = ["status": try JSON(encoding: status)]
            // Another pod of the same name is none of our business.
            if let uid { body["metadata"] = ["uid": .string(uid)] }
            _ = try await client.patch(
                Pod.self, namespace: namespace, name: name, subresource: "status", body)
            return true
        } catch let error as APIError where error.isNotFound {
            lock.hold { isGone = true }
            return true
        } catch let error as APIError where error.isConflict {
            // Others write this object too, and another pod may have its name by now: then this
            // one's end is on its way here.
            return false
        } catch {
            services.logger.warning("status of \(namespace ?? "")/\(name): \(error)")
            return false
        }
    }
}
