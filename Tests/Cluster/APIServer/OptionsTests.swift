import JSON
import Linux
import Testing

/// What a client says beside the object: dry runs, deletions, numbers, places and verbs.
@Suite("Options", .serialized)
struct OptionsTests {
    static let maps = "/api/v1/namespaces/default/configmaps"
    static let pods = "/api/v1/namespaces/default/pods"
    static func map(_ name: String) -> String {
        #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)"},"data":{"a":"1"}}"#
    }
    /// A pod that is bound to a node, so that its deletion takes time.
    static func pod(_ name: String, _ more: String = "") -> String {
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)"},"spec":{"nodeName":"n",\#(more)"#
            + #""containers":[{"name":"c","image":"i"}]}}"#
    }

    @Test("A dry run asked for in the body or in the query changes nothing, whatever the verb")
    func dryRuns() async throws {
        try await Rig.with { rig in
            _ = try rig.ask("POST", Self.maps, Self.map("c"))
            _ = try rig.ask("POST", Self.pods, Self.pod("p"))
            let before = try rig.ask("GET", "\(Self.maps)/c").body
            let body = #"{"kind":"DeleteOptions","apiVersion":"v1","dryRun":["All"]}"#
            let eviction =
                #"{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"},"deleteOptions":{"dryRun":["All"]}}"#
            let plain = #"{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}}"#
            let tries: [(String, String, String?, Int)] = [
                ("DELETE", "\(Self.maps)/c", body, 200),
                ("DELETE", "\(Self.maps)/c?dryRun=All", nil, 200),
                ("DELETE", Self.maps, body, 200), ("DELETE", "\(Self.maps)?dryRun=All", nil, 200),
                ("PATCH", "\(Self.maps)/c?dryRun=All", #"{"data":{"a":"2"}}"#, 200),
                ("PUT", "\(Self.maps)/c?dryRun=All", Self.map("c"), 200),
                ("POST", "\(Self.maps)?dryRun=All", Self.map("d"), 201),
                ("DELETE", "\(Self.pods)/p", body, 200), ("DELETE", Self.pods, body, 200),
                ("POST", "\(Self.pods)/p/eviction", eviction, 201),
                ("POST", "\(Self.pods)/p/eviction?dryRun=All", plain, 201),
            ]
            for (method, path, body, code) in tries {
                let type = method == "PATCH" ? "application/merge-patch+json" : "application/json"
                let answer = try rig.ask(method, path, body, type: type)
                #expect(answer.code == code, "\(method) \(path): \(answer.message)")
            }
            try #expect(rig.ask("GET", "\(Self.maps)/c").body == before)
            try #expect(rig.ask("GET", "\(Self.maps)/d").code == 404)
            let pod = try rig.ask("GET", "\(Self.pods)/p").body
            #expect(pod.at("metadata", "name") == "p")
            #expect(pod.at("metadata", "deletionTimestamp") == nil)
        }
    }

    @Test("A write of a Service whose answer was lost keeps what it claimed: it may be stored")
    func uncertainWrite() async throws {
        try await Rig.with { rig in
            let services = "/api/v1/namespaces/default/services"
            func service(_ name: String) -> String {
                #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"\#(name)"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":31000}]}}"#
            }
            rig.etcd.signal(SIGSTOP)
            let lost = try rig.ask("POST", services, service("lost"))
            rig.etcd.signal(SIGCONT)
            #expect(lost.code == 504)
            let back = try await eventually { try rig.ask("GET", "/readyz").code == 200 }
            #expect(back)
            try #expect(
                rig.ask("POST", services, service("other")).message.contains("already allocated"))
        }
    }

    @Test(
        "A dry run of a Service takes neither its address nor its node port, nor does a refused write"
    )
    func dryRunOfAService() async throws {
        try await Rig.with { rig in
            let services = "/api/v1/namespaces/default/services"
            func service(_ name: String) -> String {
                #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"\#(name)"},"spec":{"type":"NodePort","#
                    + #""clusterIP":"10.96.7.7","ports":[{"port":80,"nodePort":31987}]}}"#
            }
            for _ in 0..<3 {
                try #expect(rig.ask("POST", "\(services)?dryRun=All", service("s")).code == 201)
            }
            try #expect(rig.ask("POST", services, service("s")).code == 201)
            // A change that is only tried neither frees what the Service has nor keeps what it would get.
            let change = #"{"spec":{"ports":[{"port":80,"protocol":"TCP","nodePort":31988}]}}"#
            let patched = try rig.ask(
                "PATCH", "\(services)/s?dryRun=All", change, type: "application/merge-patch+json")
            #expect(patched.code == 200)
            try #expect(
                rig.ask("POST", services, service("t")).message.contains("already allocated"))
            let other =
                #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"u"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":31988}]}}"#
            try #expect(rig.ask("POST", services, other).code == 201)
            // A change that is refused leaves nothing behind either.
            let refused = """
                {"spec":{"ports":[{"name":"y","port":80,"protocol":"TCP","nodePort":31989},
                                  {"name":"x","port":81,"protocol":"TCP","nodePort":31988}]}}
                """
            let refusal = try rig.ask(
                "PATCH", "\(services)/s", refused, type: "application/merge-patch+json")
            #expect(refusal.code == 422)
            let third =
                #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"v"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":31989}]}}"#
            try #expect(rig.ask("POST", services, third).code == 201)
        }
    }

    @Test(
        "One Service has one node port for TCP and UDP, another doesn't get it; a port keeps its number by its name"
    )
    func nodePorts() async throws {
        try await Rig.with { rig in
            let services = "/api/v1/namespaces/default/services"
            let both = """
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"d"},"spec":{"type":"NodePort","ports":[
                 {"name":"u","protocol":"UDP","port":53,"nodePort":30053},
                 {"name":"t","protocol":"TCP","port":53,"nodePort":30053}]}}
                """
            try #expect(rig.ask("POST", services, both).code == 201)
            let other =
                #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"e"},"spec":{"type":"NodePort","ports":[{"port":53,"nodePort":30053}]}}"#
            try #expect(rig.ask("POST", services, other).message.contains("already allocated"))
            let unnamed = """
                {"apiVersion":"v1","kind":"Service","metadata":{"name":"d"},"spec":{"type":"NodePort","ports":[
                 {"name":"u","protocol":"UDP","port":54},{"name":"t","protocol":"TCP","port":53}]}}
                """
            let updated = try rig.ask("PUT", "\(services)/d", unnamed)
            let ports = (updated.body.at("spec", "ports")?.array ?? []).map { $0["nodePort"]?.int }
            #expect(updated.code == 200)
            // Each name's old number is the same one, and one Service may have it once for each protocol.
            #expect(ports.first == 30053)
            _ = try rig.ask("DELETE", "\(services)/d")
            try #expect(rig.ask("POST", services, other).code == 201)
        }
    }

    @Test("What a deletion says is checked: propagation, dry run, grace; preconditions hold")
    func deletions() async throws {
        try await Rig.with { rig in
            _ = try rig.ask("POST", Self.maps, Self.map("c"))
            let path = "\(Self.maps)/c"
            for (query, body) in [
                ("?propagationPolicy=Bogus", nil), ("", #"{"propagationPolicy":"Bogus"}"#),
                ("?dryRun=Some", nil), ("", #"{"dryRun":["Some"]}"#),
                ("?propagationPolicy=Orphan&orphanDependents=true", nil),
                ("", #"{"propagationPolicy":"Orphan","orphanDependents":false}"#),
            ] as [(String, String?)] {
                try #expect(
                    rig.ask("DELETE", path + query, body).code == 422, "\(query)\(body ?? "")")
                try #expect(rig.ask("DELETE", Self.maps + query, body).code == 422)
            }
            for body in [
                #"{"preconditions":{"uid":"1"}}"#, #"{"preconditions":{"resourceVersion":"1"}}"#,
            ] { try #expect(rig.ask("DELETE", path, body).code == 409) }
            try #expect(rig.ask("DELETE", "\(path)?gracePeriodSeconds=abc").code == 400)
            try #expect(rig.ask("POST", "\(Self.maps)?dryRun=yes", Self.map("d")).code == 422)
            let orphaned = try rig.ask("DELETE", path, #"{"orphanDependents":true}"#).body
            #expect(orphaned.at("metadata", "finalizers") == ["orphan"])
        }
    }

    @Test("A Job leaves its pods where no policy is named; other kinds take theirs along")
    func policyOfTheKind() async throws {
        try await Rig.with { rig in
            let jobs = "/apis/batch/v1/namespaces/default/jobs"
            func job(_ name: String, _ finalizer: String = "") -> String {
                #"{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"\#(name)"\#(finalizer)},"#
                    + #""spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}"#
            }
            for (name, body, finalizer) in [
                ("a", nil, "orphan"), ("b", "{}", "orphan"),
                ("c", #"{"propagationPolicy":"Background"}"#, nil),
                ("d", #"{"orphanDependents":false}"#, nil),
                ("e", #"{"propagationPolicy":"Foreground"}"#, "foregroundDeletion"),
            ] as [(String, String?, String?)] {
                try #expect(rig.ask("POST", jobs, job(name)).code == 201)
                let answer = try rig.ask("DELETE", "\(jobs)/\(name)", body).body
                let finalizers = answer.at("metadata", "finalizers")?.array?.map { $0.string }
                #expect(finalizers == finalizer.map { [$0] }, "\(name)")
            }
            // What the object itself says goes before its kind.
            _ = try rig.ask("POST", jobs, job("f", #","finalizers":["foregroundDeletion"]"#))
            let own = try rig.ask("DELETE", "\(jobs)/f").body
            #expect(own.at("metadata", "finalizers") == ["foregroundDeletion"])
            _ = try rig.ask("POST", Self.maps, Self.map("c"))
            try #expect(rig.ask("DELETE", "\(Self.maps)/c").body["status"] == "Success")
        }
    }

    @Test("No grace period ends the server, and each leaves a time that can be read back")
    func gracePeriods() async throws {
        try await Rig.with { rig in
            let numbers = [Int.min, -1, 0, 1, 300_000_000_000, .max]
            for (index, number) in numbers.enumerated() {
                for (name, query, body, spec) in [
                    ("q", "?gracePeriodSeconds=\(number)", nil, ""),
                    ("b", "", "{\"gracePeriodSeconds\":\(number)}", ""),
                    ("s", "", nil, "\"terminationGracePeriodSeconds\":\(number),"),
                ] as [(String, String, String?, String)] {
                    let made = try rig.ask("POST", Self.pods, Self.pod("\(name)\(index)", spec))
                    if made.code == 422 { continue }  // a negative period of its own
                    #expect(made.code == 201)
                    let path = "\(Self.pods)/\(name)\(index)"
                    let answer = try rig.ask("DELETE", path + query, body)
                    #expect(answer.code == 200, "\(number): \(answer.message)")
                    if let time = answer.body.at("metadata", "deletionTimestamp")?.string {
                        #expect(time.utf8.count == "9999-12-31T23:59:59Z".utf8.count)
                    }
                }
            }
            try #expect(rig.ask("GET", "/readyz").code == 200)
        }
    }
}
