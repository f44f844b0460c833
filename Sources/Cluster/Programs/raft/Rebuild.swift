import ArgumentParser
import Store

/// A damaged member's way back.
struct Rebuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Make a lost or damaged member's directory anew from all others', while none runs.",
        discussion: """
            Example, for member 2 of three:
              mv store/2 /tmp/damaged
              raft rebuild --id 2 --data store/2 --from store/1 --from store/3 \\
                --cluster 1=127.0.0.1:2380,2=127.0.0.1:2390,3=127.0.0.1:2400
            """)

    @Option(help: "The member's number in the cluster.") var id: Int
    @Option(help: "Its directory; nothing may be in it.") var data: String
    @Option(help: "Another member's directory; all of them have to be named.") var from: [String] =
        []
    @Option(help: "All members, as for `raft serve`.") var cluster: String

    func run() throws {
        let settings = try settings(id: id, data: data, cluster: cluster)
        let (member, index) = try Rebuilding(settings, from: from).run()
        print("member \(id) is made anew from member \(member), up to entry \(index)")
    }
}
