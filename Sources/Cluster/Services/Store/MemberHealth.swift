/// An answer in words.
struct HealthPage: Sendable {
    var status = 200
    var type = "application/json"
    var text: String
}

extension Member {
    func page(_ path: String) async -> HealthPage {
        switch path {
        case "/health": await health()
        case "/version":
            HealthPage(
                text: "{\"etcdserver\":\"\(Self.version)\",\"etcdcluster\":\"\(Self.version)\"}")
        case "/metrics": HealthPage(type: "text/plain; version=0.0.4", text: metrics())
        default: HealthPage(status: 404, type: "text/plain", text: "404 page not found\n")
        }
    }

    /// As with etcd: it has room, and answers a linearizable read.
    private func health() async -> HealthPage {
        let isWell = isFull ? false : await (try? catchUp()) != nil
        return HealthPage(status: isWell ? 200 : 503, text: "{\"health\":\"\(isWell)\"}")
    }

    /// Under etcd's names, where one means the same.
    func metrics() -> String {
        let values: [(name: String, type: String, help: String, value: Int)] = [
            (
                "etcd_server_has_leader", "gauge", "Whether this member knows a leader.",
                raft.leader == nil ? 0 : 1
            ),
            (
                "etcd_server_is_leader", "gauge", "Whether this member leads.",
                raft.isLeader ? 1 : 0
            ),
            (
                "etcd_server_leader_changes_seen_total", "counter",
                "Leaders that this member has seen.", leadersSeen
            ),
            (
                "etcd_server_proposals_committed_total", "gauge",
                "The last entry known to be committed.", raft.commitIndex
            ),
            (
                "etcd_server_proposals_applied_total", "gauge", "The last entry applied.",
                appliedIndex
            ),
            (
                "etcd_mvcc_db_total_size_in_bytes", "gauge", "The files' size.", fileBytes()
            ),
            (
                "etcd_debugging_mvcc_current_revision", "gauge", "The keyspace's revision.",
                keyspace.revision
            ),
            (
                "etcd_debugging_mvcc_compact_revision", "gauge", "The revision compacted to.",
                keyspace.compactRevision
            ),
        ]
        return values.map {
            "# HELP \($0.name) \($0.help)\n# TYPE \($0.name) \($0.type)\n\($0.name) \($0.value)\n"
        }.joined()
    }
}
