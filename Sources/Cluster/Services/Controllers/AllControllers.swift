import Client
import ControllerRules
import Logging
import Objects

/// The controllers that no lab is about, in one process with one cache of pods: endpoints, nodes, namespaces
/// and garbage collection.
public struct AllControllers: Sendable {
    private let client: APIClient
    private let times: NodeTimes
    private let time: any TimeSource
    private let logger = Logger(label: "controllers")

    public init(client: APIClient, times: NodeTimes, time: any TimeSource = MachineTime()) {
        (self.client, self.times, self.time) = (client, times, time)
    }

    /// Works until cancelled.
    public func run() async throws {
        let pods = Informer<Pod>(
            client: client, indexes: ["node": .byNode, "label": .byLabel], time: time,
            logger: logger)
        let endpoints = EndpointsController(client: client, pods: pods, time: time)
        let nodes = NodeController(client: client, pods: pods, times: times, time: time)
        let namespaces = NamespaceController(client: client, time: time)
        let garbage = GarbageCollector(client: client, time: time)
        await endpoints.register()
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await pods.run() }
            group.addTask { try await endpoints.run() }
            group.addTask { try await nodes.run() }
            group.addTask { try await namespaces.run() }
            group.addTask { try await garbage.run() }
            await pods.waitUntilSynced()
            logger.info("ready")
        }
    }
}
