import JSON
import Linux
import Testing

@Suite("Serving", .serialized)
struct ServingTests {
    /// The types and names that a watch printed, one line an event.
    static func events(_ text: String) throws -> [String] {
        try text.split(separator: "\n").map { line in
            let event = try JSON(parsing: String(line))
            return
                "\(event["type"]?.string ?? "?") \(event.at("object", "metadata", "name")?.string ?? "-")"
        }
    }

    @Test("A watch from a list's revision misses nothing that came after the list")
    func resume() async throws {
        try await Rig.with { rig in
            let list = try JSON(
                parsing: try rig.kubectl("get", "--raw", "/api/v1/namespaces/default/secrets")
                    .text)
            let revision = list.at("metadata", "resourceVersion")?.string ?? ""
            for name in ["a", "b"] { _ = try rig.kubectl("create", "secret", "generic", name) }
            _ = try rig.kubectl("delete", "secret", "a")
            let path = "/api/v1/namespaces/default/secrets?watch=true&timeoutSeconds=1"
            let watch = try rig.kubectl("get", "--raw", "\(path)&resourceVersion=\(revision)").text
            try #expect(Self.events(watch) == ["ADDED a", "ADDED b", "DELETED a"])
        }
    }

    @Test("A watch list sends what is there, and then a mark")
    func watchList() async throws {
        try await Rig.with { rig in
            _ = try rig.kubectl("create", "secret", "generic", "a")
            let path =
                "/api/v1/namespaces/default/secrets?watch=true&timeoutSeconds=1&sendInitialEvents=true"
                + "&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
            let lines = try rig.kubectl("get", "--raw", path).text.split(separator: "\n")
            #expect(lines.count == 2)
            let mark = try JSON(parsing: String(lines[1]))
            #expect(mark["type"] == "BOOKMARK")
            #expect(
                mark.at("object", "metadata", "annotations", "k8s.io/initial-events-end") == "true")
        }
    }

    @Test("A revision from before the server's start is gone: the client has to list again")
    func gone() async throws {
        try await Rig.with { rig in
            // Cluster data is written after the server has read the empty store at revision 1.
            let path = "/api/v1/pods?watch=true&timeoutSeconds=1"
            try #expect(rig.kubectl("get", "--raw", "\(path)&resourceVersion=1").code == 0)
            try await rig.again { later in
                let answer = try later.kubectl("get", "--raw", "\(path)&resourceVersion=1")
                #expect(
                    answer.text.hasPrefix(
                        "Error from server (Expired): too old resource version: 1 ("))
            }
        }
    }

    @Test("Certificates decide: a proxy reads services and no secrets, nobody at all reads neither")
    func access() async throws {
        try await Rig.with { rig in
            try #expect(rig.kubectl("get", "services", user: "kube-proxy").code == 0)
            try #expect(
                rig.kubectl("get", "secrets", user: "kube-proxy").text
                    == "Error from server (Forbidden): secrets is forbidden: User \"system:kube-proxy\" cannot list "
                    + "resource \"secrets\" in API group \"\" in the namespace \"default\"")
            try #expect(
                rig.kubectl("get", "pods", "--as=jane").text
                    == "Error from server (Forbidden): pods is forbidden: User \"jane\" cannot list resource "
                    + "\"pods\" in API group \"\" in the namespace \"default\"")
            let anonymous = try capture(
                "curl",
                [
                    "curl", "-s", "--cacert", "\(rig.folder)/ca.crt",
                    "https://127.0.0.1:\(rig.port)/api/v1/namespaces/default/services",
                ])
            let status = try JSON(parsing: anonymous.output)
            #expect(status["code"]?.int == 403)
            #expect(
                status["message"]?.string?.contains("User \"system:anonymous\" cannot list") == true
            )
        }
    }

    @Test("A role that is bound to a user lets that user in, at once")
    func roles() async throws {
        try await Rig.with { rig in
            _ = try rig.kubectl("create", "role", "reader", "--verb=list", "--resource=pods")
            _ = try rig.kubectl("create", "rolebinding", "jane", "--role=reader", "--user=jane")
            let answer = try await eventually {
                try rig.kubectl("get", "pods", "--as=jane").code == 0
            }
            #expect(answer)
            try #expect(rig.kubectl("get", "pods", "-n", "kube-system", "--as=jane").code == 1)
        }
    }

    @Test(
        "A service account's token is the account, until the account is gone; a forged one is nobody"
    )
    func tokens() async throws {
        try await Rig.with { rig in
            _ = try rig.kubectl("create", "serviceaccount", "robot")
            let token = try rig.kubectl("create", "token", "robot").text
            func ask(_ token: String) throws -> JSON {
                let url = "https://127.0.0.1:\(rig.port)/api/v1/namespaces/default/pods"
                let answer = try capture(
                    "curl",
                    [
                        "curl", "-s", "--cacert", "\(rig.folder)/ca.crt", "-H",
                        "Authorization: Bearer \(token)", url,
                    ])
                return try JSON(parsing: answer.output)
            }
            let refusal = try ask(token)
            #expect(refusal["code"]?.int == 403)
            #expect(
                refusal["message"]?.string?.contains("User \"system:serviceaccount:default:robot\"")
                    == true)
            let end = token.last == "A" ? "B" : "A"
            try #expect(
                ask(token.dropLast(8) + String(repeating: end, count: 8))["code"]?.int == 401)
            _ = try rig.kubectl("delete", "serviceaccount", "robot")
            let isOver = try await eventually { try ask(token)["code"]?.int == 401 }
            #expect(isOver)
        }
    }

    @Test("Each Service gets an address of its own in the range, and gives it back")
    func serviceAddresses() async throws {
        try await Rig.with { rig in
            func address(_ name: String) throws -> String {
                try rig.kubectl("get", "service", name, "-o", "jsonpath={.spec.clusterIP}").text
            }
            try #expect(address("kubernetes") == "10.96.0.1")
            _ = try rig.kubectl(
                "create", "service", "clusterip", "a", "--tcp=80", "--clusterip=10.96.7.7")
            let taken = try rig.kubectl(
                "create", "service", "clusterip", "b", "--tcp=80", "--clusterip=10.96.7.7")
            #expect(
                taken.text.contains(
                    "failed to allocate IP 10.96.7.7: provided IP is already allocated"))
            let outside = try rig.kubectl(
                "create", "service", "clusterip", "b", "--tcp=80", "--clusterip=10.1.2.3")
            #expect(outside.text.contains("The range of valid IPs is 10.96.0.0/16"))
            _ = try rig.kubectl("delete", "service", "a")
            _ = try rig.kubectl(
                "create", "service", "clusterip", "b", "--tcp=80", "--clusterip=10.96.7.7")
            try #expect(address("b") == "10.96.7.7")
        }
    }

    @Test("A store that stops answering is said to, within seconds; when it is back, so is the API")
    func storeWithoutAnswer() async throws {
        try await Rig.with { rig in
            rig.etcd.signal(SIGSTOP)
            let start = Clock.monotonicMilliseconds()
            let answer = try rig.kubectl("create", "configmap", "c")
            #expect(
                answer.text.contains("the store did not answer within 8 s; has it lost its quorum?")
            )
            #expect(Clock.monotonicMilliseconds() - start < 15_000)
            // What has been seen is still served to who takes it from memory.
            try #expect(
                rig.kubectl("get", "--raw", "/api/v1/namespaces?resourceVersion=0").code == 0)
            rig.etcd.signal(SIGCONT)
            let back = try await eventually {
                try rig.kubectl("create", "configmap", "d").code == 0
            }
            #expect(back)
        }
    }
}

/// Tries for ten seconds, or as many as are said.
func eventually(
    seconds: Int = 10, _ condition: () async throws -> Bool
) async throws -> Bool {
    for _ in 0..<(10 * seconds) {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(100))
    }
    return false
}
