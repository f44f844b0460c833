import Client
import JSON
import Linux
import Objects
import Testing

/// A server that neither speaks nor hangs up, as behind a partition: here, stopped by a signal.
@Suite struct SilenceTests {
    private func client(_ rig: Rig, silenceSecondsMax: Int64) throws -> APIClient {
        var kubeconfig = try JSON(parsing: try Files.read("\(rig.folder)/admin.kubeconfig"))
        var entry = kubeconfig["clusters"]?[0] ?? [:]
        var cluster = entry["cluster"] ?? [:]
        cluster["server"] = .string("https://127.0.0.1:\(rig.port)")
        entry["cluster"] = cluster
        kubeconfig["clusters"] = [entry]
        let path = "\(rig.folder)/silence.kubeconfig"
        try Files.write(kubeconfig.text, to: path, mode: 0o600)
        return try APIClient(kubeconfig: path, silenceSecondsMax: silenceSecondsMax)
    }

    @Test func `a watch that hears nothing for too long ends, and an informer goes on when it can`()
        async throws
    {
        try await Rig.with { rig in
            let client = try client(rig, silenceSecondsMax: 2)
            let version = try await client.list(ConfigMap.self).resourceVersion
            let informer = Informer<ConfigMap>(client: client, namespace: "default")
            let following = Task { try await informer.run() }
            defer { following.cancel() }
            await informer.waitUntilSynced()

            rig.server.signal(SIGSTOP)
            await #expect(throws: (any Error).self) {
                for try await _ in client.watch(ConfigMap.self, resourceVersion: version) {}
            }
            #expect(try await eventually { await !informer.isFollowing })

            rig.server.signal(SIGCONT)
            _ = try rig.kubectl("create", "configmap", "late")
            #expect(
                try await eventually {
                    await informer.get(namespace: "default", name: "late") != nil
                })
        }
    }
}
