import JSON
import Linux
import Testing

/// A kind that nobody acts on is one value: with it in its registry a server serves, validates, prints, watches and
/// explains it to a stock kubectl, and the garbage collector follows it. The value is in Harbour.swift.
@Suite("A made-up kind", .serialized)
struct MadeUpKindServingTests {
    private static func manifest(_ name: String, masts: Int = 1, owner: (name: String, uid: String)? = nil) -> String {
        let owners = owner.map {
            #", "ownerReferences": [{"apiVersion": "harbour.example/v1", "kind": "Boat", "name": "\#($0.name)", "uid": "\#($0.uid)"}]"#
        }
        return #"{"apiVersion": "harbour.example/v1", "kind": "Boat", "metadata": {"name": "\#(name)"\#(owners ?? "")}, "#
            + #""spec": {"home": "iolcus", "masts": \#(masts)}}"#
    }

    @Test("It is served, validated, printed, explained, watched and collected")
    func madeUp() async throws {
        try await Rig.with { rig in
            #expect(try rig.kubectl("get", "boats").code != 0)
            try await rig.again(program: "harbour") { here in
                #expect(try here.kubectl("apply", "-f", "-", input: Self.manifest("argo")).code == 0)
                let refused = try here.kubectl("apply", "-f", "-", input: Self.manifest("raft", masts: 9))
                #expect(refused.code != 0 && refused.text.contains("spec.masts: Invalid value: 9"), "\(refused.text)")
                let row = try here.kubectl("get", "bt", "--no-headers").text.split(separator: " ")
                #expect(row.prefix(2) == ["argo", "iolcus"])
                let said = try here.kubectl("explain", "boat.spec.masts").text
                #expect(said.contains("How many sails can be set at once."), "\(said)")
                try Self.watches(here)
                try Self.collects(here)
            }
        }
    }

    private static func watches(_ here: Rig) throws {
        let version = try here.kubectl("get", "boat", "argo", "-o", "jsonpath={.metadata.resourceVersion}").text
        let path = "/apis/harbour.example/v1/boats?watch=1&timeoutSeconds=2&resourceVersion=\(version)"
        #expect(try here.kubectl("label", "boat", "argo", "seen=yes").code == 0)
        let events = try here.kubectl("get", "--raw", path).text
        #expect(events.contains(#""type":"MODIFIED""#) && events.contains(#""seen":"yes""#), "\(events)")
    }

    private static func collects(_ here: Rig) throws {
        let words = ["controllers", "--kubeconfig", try kubeconfig(here)]
        let controllers = try Child.spawn("\(Rig.programs)/controllers", words)
        defer { controllers.end() }
        let uid = try here.kubectl("get", "boat", "argo", "-o", "jsonpath={.metadata.uid}").text
        let tender = manifest("tender", owner: ("argo", uid))
        #expect(try here.kubectl("create", "-f", "-", input: tender).code == 0)
        #expect(try here.kubectl("delete", "boat", "argo").code == 0)
        #expect(try here.kubectl("wait", "--for=delete", "boat/tender", "--timeout=30s").code == 0)
    }

    /// The administrator's, with this server's address in it.
    private static func kubeconfig(_ here: Rig) throws -> String {
        var tree = try JSON(parsing: Files.read("\(here.folder)/admin.kubeconfig"))
        let clusters = (tree["clusters"]?.array ?? []).map { one in
            var one = one
            one["cluster"]?["server"] = .string("https://127.0.0.1:\(here.port)")
            return one
        }
        tree["clusters"] = .array(clusters)
        let path = "\(here.folder)/here.kubeconfig"
        try Files.write(tree.text, to: path, mode: 0o600)
        return path
    }
}
