import JSON
import Linux
import Testing

/// Which places there are, what may be done there, and which numbers a query may hold.
@Suite("Routing", .serialized)
struct RoutingTests {
    @Test("A verb that is not done somewhere is 405, and does nothing")
    func verbs() async throws {
        try await Rig.with { rig in
            let maps = OptionsTests.maps
            _ = try rig.ask("POST", maps, OptionsTests.map("c"))
            let body = OptionsTests.map("c")
            for (method, path) in [
                ("DELETE", "/api/v1/configmaps"), ("POST", "/api/v1/configmaps"),
                ("PUT", "/api/v1/configmaps"), ("PATCH", "/api/v1/configmaps"),
                ("PUT", maps), ("PATCH", maps), ("POST", "\(maps)/c"), ("POST", "\(maps)/x"),
                ("DELETE", "/api/v1/namespaces"), ("TRACE", maps), ("LINK", "\(maps)/c"),
                ("DELETE", "/api/v1/namespaces/default/status"),
                ("POST", "/api/v1/namespaces/default/status"),
                ("GET", "/api/v1/namespaces/default/finalize"),
                ("PUT", "/api/v1/namespaces/default/pods/p/log"),
                ("GET", "/api/v1/namespaces/default/pods/p/eviction"),
                ("DELETE", "/apis/apps/v1/namespaces/default/deployments/d/scale"),
                ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
                ("POST", "/version"), ("DELETE", "/api"),
            ] {
                let answer = try rig.ask(method, path, method == "DELETE" ? nil : body)
                #expect(answer.code == 405, "\(method) \(path): \(answer.code) \(answer.message)")
            }
            for path in [
                "/api/v1/pods/p", "/api/v1/namespaces/default/nodes", "/api/v1/nonsense",
                "\(maps)/c/status", "\(maps)/c/nonsense",
                "/api/v1/namespaces/default/pods/p/ephemeralcontainers",
            ] { try #expect(rig.ask("GET", path).code == 404, "\(path)") }
            for name in ["a%2Fb", "%2E%2E", "a%00b", "a%25b"] {
                try #expect(rig.ask("GET", "\(maps)/\(name)").code == 400, "\(name)")
                try #expect(
                    rig.ask("GET", "/api/v1/namespaces/\(name)/secrets").code == 400, "\(name)")
            }
            try #expect(rig.ask("GET", "\(maps)/c").code == 200)
        }
    }

    @Test("What every cluster has, nobody deletes")
    func immortalNamespaces() async throws {
        try await Rig.with { rig in
            for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
                let answer = try rig.ask("DELETE", "/api/v1/namespaces/\(name)")
                #expect(answer.code == 403)
                #expect(
                    answer.message
                        == "namespaces \"\(name)\" is forbidden: this namespace may not be deleted")
            }
        }
    }

    @Test("No number in a query ends the server; what is no number, or makes no sense, is refused")
    func numbers() async throws {
        try await Rig.with { rig in
            let pods = OptionsTests.pods
            _ = try rig.ask("POST", pods, OptionsTests.pod("p"))
            let odd = [
                "-9223372036854775808", "-1", "0", "1", "9223372036854775807",
                "9223372036854775808",
                "1e30", "abc", "", "1%26follow=true",
            ]
            let places: [(String, [String])] = [
                (pods + "?", ["limit", "timeoutSeconds", "resourceVersion"]),
                (pods + "?resourceVersionMatch=Exact&", ["resourceVersion"]),
                (pods + "?watch=1&timeoutSeconds=-9223372036854775808&", ["limit"]),
                (pods + "?watch=1&timeoutSeconds=abc&", ["limit"]),
                (pods + "?watch=1&timeoutSeconds=1&", ["resourceVersion", "limit"]),
                (pods + "/p?", ["resourceVersion"]),
                (pods + "/p/log?", ["limitBytes", "sinceSeconds", "tailLines", "sinceTime"]),
            ]
            for (place, names) in places {
                for name in names {
                    for number in odd {
                        let answer = try rig.ask("GET", "\(place)\(name)=\(number)")
                        #expect(answer.code >= 200, "\(place)\(name)=\(number) got no answer")
                        if ["abc", "1e30", "1%26follow=true"].contains(number) {
                            #expect(answer.code == 400, "\(place)\(name)=\(number): \(answer.code)")
                        }
                    }
                }
            }
            try #expect(rig.ask("GET", "/readyz").code == 200)
        }
    }

    @Test("Options of a log have their least values, and words of a list go together or not")
    func options() async throws {
        try await Rig.with { rig in
            let pods = OptionsTests.pods
            _ = try rig.ask("POST", pods, OptionsTests.pod("p"))
            let bad: [(String, Int)] = [
                ("/p/log?limitBytes=0", 422), ("/p/log?limitBytes=-1", 422),
                ("/p/log?tailLines=-1", 422), ("/p/log?sinceSeconds=0", 422),
                ("/p/log?sinceSeconds=-9223372036854775808", 422), ("/p/log?limitBytes=abc", 400),
                ("/p/log?sinceTime=yesterday", 400),
                ("/p/log?sinceSeconds=1&sinceTime=2026-11-22T00:00:00Z", 422),
                ("?resourceVersionMatch=Exact", 422), ("?resourceVersionMatch=NotOlderThan", 422),
                ("?resourceVersionMatch=Some&resourceVersion=1", 422),
                ("?resourceVersionMatch=Exact&resourceVersion=0", 422),
                ("?sendInitialEvents=true", 422), ("?watch=1&sendInitialEvents=true", 422),
                ("?watch=1&resourceVersionMatch=NotOlderThan", 422), ("?limit=abc", 400),
                ("?continue=zz", 400), ("?continue=31", 400), ("?resourceVersion=-5", 400),
                // "99999999999 /registry/pods/default/", a revision that is not yet
                (
                    "?continue=3939393939393939393939202f72656769737472792f706f64732f64656661756c742f",
                    504
                ),
            ]
            for (query, code) in bad {
                let answer = try rig.ask("GET", pods + query)
                #expect(answer.code == code, "\(query): \(answer.code) \(answer.message)")
            }
        }
    }

    @Test("A token lasts ten minutes at least and 2^32 seconds at most, and is for whom it names")
    func tokens() async throws {
        try await Rig.with { rig in
            let path = "/api/v1/namespaces/default/serviceaccounts/default/token"
            func request(_ spec: String) -> String {
                #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{\#(spec)}}"#
            }
            for number in ["-1", "0", "10", "599", "4294967297", "9223372036854775807"] {
                let answer = try rig.ask("POST", path, request("\"expirationSeconds\":\(number)"))
                #expect(answer.code == 422, "\(number): \(answer.code)")
            }
            for number in ["600", "4294967296"] {
                let answer = try rig.ask("POST", path, request("\"expirationSeconds\":\(number)"))
                #expect(answer.code == 201, "\(number): \(answer.message)")
            }
            let others = try rig.ask("POST", path, request(#""audiences":["vault"]"#)).body
            let token = others.at("status", "token")?.string ?? ""
            // A token that is for somebody else opens nothing here.
            try #expect(rig.ask("GET", "/version", as: .token(token)).code == 401)
            func review(_ audiences: String) throws -> JSON {
                let body =
                    #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"\#(token)"\#(audiences)}}"#
                return try rig.ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", body)
                    .body["status"] ?? [:]
            }
            try #expect(review("")["authenticated"] == nil)
            let status = try review(#","audiences":["vault","x"]"#)
            #expect(status["authenticated"] == true)
            #expect(status["audiences"] == ["vault"])
            #expect(status.at("user", "username") == "system:serviceaccount:default:default")
        }
    }
}
