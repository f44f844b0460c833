import Testing

/// What the server does for any kind it does for none by its name: a kind says what is special about it.
@Suite struct KindNamesTests {
    private static let machinery = ["Decoding", "Discovery", "Patches", "Protobuf", "Registry", "Selectors"].map {
        "Sources/Services/Kinds/\($0)"
    } + ["Sources/Cluster/Services/APIServer/REST", "Sources/Cluster/Services/APIServer/Storage"]

    /// Bodies and answers that belong to the machinery itself.
    private static let itsOwn: Set = ["DeleteOptions", "Scale", "Status"]

    /// The names in `Kind("v1", "Pod", "pods")`, wherever a line is broken.
    private static let kinds: [String] = Tree.swiftFiles(below: ["Sources/Services/Kinds/Definitions"]).flatMap { file in
        file.lines.joined(separator: "\n").split(separator: "Kind(").dropFirst().compactMap { rest in
            let words = rest.split(separator: "\"", omittingEmptySubsequences: false)
            return words.count > 3 ? String(words[3]) : nil
        }
    }

    @Test func theMachineryKnowsNoKindByItsName() {
        #expect(Self.kinds.contains("Pod") && Self.kinds.contains("ClusterRoleBinding") && Self.kinds.count > 30)
        for file in Tree.swiftFiles(below: Self.machinery) {
            for (number, line) in file.lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                for kind in Self.kinds where !Self.itsOwn.contains(kind) && line.contains("\"\(kind)\"") {
                    Issue.record("\(file.path):\(number + 1) knows \(kind) by its name")
                }
            }
        }
    }
}
