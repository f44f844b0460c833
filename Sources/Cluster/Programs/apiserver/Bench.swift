import ArgumentParser
import Client
import JSON
import Linux
import Objects

/// What an API server does in a second: creates, lists, and events to its watchers.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure creates, lists and watch events a second; answers JSON.",
        discussion: "Example: apiserver bench --kubeconfig .drydock/kubeconfig --seconds 3")

    @Option(help: "The kubeconfig, written as JSON.") var kubeconfig: String
    @Option(help: "How long each of the measurements takes.") var seconds = 3
    @Option(help: "How many clients create at the same time, in the second measurement.")
    var clients = 8
    @Option(help: "How many watch while objects are created.") var watchers = 50

    func run() async throws {
        let client = try APIClient(kubeconfig: kubeconfig)
        let namespace = "bench-\(getpid())"
        _ = try await client.create(Namespace(metadata: ObjectMeta(name: namespace)))
        let alone = try await creates(client, namespace, clients: 1)
        let together = try await creates(client, namespace, clients: clients)
        let lists = try await lists(client, namespace)
        let events = try await watched(client, namespace)
        let report: JSON = [
            "createsPerSecond": JSON(alone / seconds),
            "createsPerSecondTogether": JSON(together / seconds), "clients": JSON(clients),
            "listsPerSecond": JSON(lists.count / seconds), "objectsInList": JSON(lists.objects),
            "eventsPerSecond": JSON(events / seconds), "watchers": JSON(watchers),
        ]
        print(report.text)
        try await client.delete(Namespace.self, namespace: nil, name: namespace)
    }

    private var end: Int { Clock.monotonicMilliseconds() + seconds * 1000 }

    /// How many ConfigMaps are made, by clients that each make one after the other.
    private func creates(
        _ client: APIClient, _ namespace: String, clients: Int
    ) async throws -> Int {
        let end = end
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<clients {
                group.addTask {
                    var made = 0
                    while Clock.monotonicMilliseconds() < end {
                        var map = ConfigMap(metadata: ObjectMeta(namespace: namespace))
                        map.metadata.name = "\(clients)-\(number)-\(made)"
                        map.data = ["key": String(repeating: "x", count: 256)]
                        _ = try await client.create(map)
                        made += 1
                    }
                    return made
                }
            }
            return try await group.reduce(0, +)
        }
    }

    /// One client lists all pages' worth of the first five hundred, again and again.
    private func lists(
        _ client: APIClient, _ namespace: String
    ) async throws -> (count: Int, objects: Int) {
        let path = ConfigMap.resource.path(namespace: namespace) + "?limit=500"
        let end = end
        var (count, objects) = (0, 0)
        while Clock.monotonicMilliseconds() < end {
            objects = try await client.raw("GET", path)["items"]?.array?.count ?? 0
            count += 1
        }
        return (count, objects)
    }

    /// How many events all watchers together hear while one client creates.
    private func watched(_ client: APIClient, _ namespace: String) async throws -> Int {
        let version = try await client.list(ConfigMap.self, namespace: namespace).resourceVersion
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<watchers {
                group.addTask {
                    var heard = 0
                    let events = client.watch(
                        ConfigMap.self, namespace: namespace, resourceVersion: version)
                    for try await event in events {
                        guard case .added(let map) = event else { continue }
                        if map.metadata.name == "last" { return heard }
                        heard += 1
                    }
                    return heard
                }
            }
            try await Task.sleep(for: .seconds(1))  // until all of them are connected
            _ = try await creates(client, namespace, clients: 2)
            var last = ConfigMap(metadata: ObjectMeta(name: "last", namespace: namespace))
            last.data = [:]
            _ = try await client.create(last)
            return try await group.reduce(0, +)
        }
    }
}
