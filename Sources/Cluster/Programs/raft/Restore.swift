import ArgumentParser
import Store

/// From `etcdctl snapshot save` back to a cluster.
struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Make a member's directory of what `etcdctl snapshot save` wrote.",
        discussion: """
            Every member of the cluster is made so, of the same snapshot. Example, a store of one:
              etcdctl --endpoints 127.0.0.1:2379 snapshot save /tmp/snapshot
              raft restore --snapshot /tmp/snapshot --id 1 --data /tmp/store-2 \\
                --cluster 1=127.0.0.1:2380
            """)

    @Option(help: "The file.") var snapshot: String
    @Option(help: "The member's number in the cluster.") var id: Int
    @Option(help: "Its directory; no store may be in it.") var data: String
    @Option(help: "All members, as for `raft serve`.") var cluster: String

    func run() throws {
        let revision = try Restoring(
            try settings(id: id, data: data, cluster: cluster), from: snapshot
        ).run()
        print("member \(id) begins at revision \(revision)")
    }
}

/// Of a member that doesn't run: nobody listens, and the addresses are its own for the form only.
func settings(id: Int, data: String, cluster: String) throws -> StoreSettings {
    let members = try parseMembers(cluster, including: id)
    guard let address = members.first(where: { $0.id == id })?.peerAddress else {
        throw ValidationError("--cluster does not name member \(id)")
    }
    return StoreSettings(id: id, directory: data, client: address, peer: address, members: members)
}
