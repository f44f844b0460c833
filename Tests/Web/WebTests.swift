import Linux
import Testing

@Suite struct WebTests {
    @Test func `every path answers with version and pod name`() throws {
        let server = try WebServer(version: "v2")
        #expect(try server.get("/") == (200, "v2 pod-1\n"))
        #expect(try server.get("/any/path?x=1") == (200, "v2 pod-1\n"))
        #expect(try server.get("/healthz") == (200, "ok\n"))
        #expect(try server.get("/ready") == (200, "ready\n"))
    }

    @Test func `v3-broken lives and never gets ready`() throws {
        let server = try WebServer(version: "v3-broken")
        #expect(try server.get("/ready").status == 503)
        #expect(try server.get("/healthz").status == 200)
    }

    @Test func `a connection is kept for as many requests as come`() throws {
        let server = try WebServer()
        let client = try server.connect()
        for _ in 0..<100 {
            let answer = try client.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(answer.body == "v1 pod-1\n" && !answer.closes)
        }
    }

    @Test func `requests sent all at once are answered one by one, in order`() throws {
        let server = try WebServer()
        let client = try server.connect()
        try client.say(
            "GET / HTTP/1.1\r\n\r\nGET /burn?ms=20 HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n")
        #expect(try client.answer().body == "v1 pod-1\n")
        #expect(try client.answer().body == "v1 pod-1\n")
        #expect(try client.answer().body == "ok\n")
    }

    @Test func `a request may come byte by byte`() throws {
        let server = try WebServer()
        let client = try server.connect()
        for byte in "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" {
            for scalar in byte.unicodeScalars { try client.say(String(scalar)) }
        }
        #expect(try client.answer().body == "ok\n")
    }

    @Test func `HEAD has the head alone, HTTP 1.0 and close end the connection`() throws {
        let server = try WebServer()
        let client = try server.connect()
        try client.say("HEAD / HTTP/1.1\r\n\r\n")
        #expect(try client.answer(hasBody: false).head.contains("Content-Length: 9"))
        #expect(try client.ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").closes)
        #expect(try client.isClosed())
        let old = try server.connect()
        #expect(try old.ask("GET / HTTP/1.0\r\n\r\n").closes)
        #expect(try old.isClosed())
    }

    @Test(arguments: [
        ("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 405), ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/3\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nx: \(String(repeating: "y", count: 20000))", 431),
    ])
    func `what is no GET is refused, and the connection closed`(text: String, status: Int) throws {
        let server = try WebServer()
        let client = try server.connect()
        let answer = try client.ask(text)
        #expect(answer.status == status && answer.closes)
        #expect(try server.get("/healthz").status == 200)
    }

    private func processorMilliseconds(_ pid: pid_t) throws -> Int {
        let fields = try Files.readText("/proc/\(pid)/stat").split(separator: " ")
        return (Int(fields[13])! + Int(fields[14])!) * 1000 / sysconf(Int32(_SC_CLK_TCK))
    }

    @Test func `burning uses the processor and holds nobody up`() throws {
        let server = try WebServer()
        let before = try processorMilliseconds(server.child.pid)
        let burner = try server.connect()
        try burner.say("GET /burn?ms=600 HTTP/1.1\r\n\r\n")
        for _ in 0..<20 { #expect(try server.get("/healthz").status == 200) }
        // Twenty answers came while the burning went on: it has not used its time up yet.
        #expect(try processorMilliseconds(server.child.pid) - before < 600)
        #expect(try burner.answer().body == "v1 pod-1\n")
        #expect(try processorMilliseconds(server.child.pid) - before >= 590)
    }

    @Test func `on SIGTERM it serves on for its drain time, tells clients to leave, and exits 0`()
        throws
    {
        let server = try WebServer(environment: ["DRAIN_SECONDS=0.7"])
        let kept = try server.connect()
        #expect(try !kept.ask("GET / HTTP/1.1\r\n\r\n").closes)
        let burner = try server.connect()
        try burner.say("GET /burn?ms=300 HTTP/1.1\r\n\r\n")
        usleep(50_000)
        server.child.signal(SIGTERM)
        usleep(100_000)
        // A new connection is served, an old one too, and both are told to go.
        let new = try server.connect().ask("GET / HTTP/1.1\r\n\r\n")
        #expect(new.status == 200 && new.closes)
        let last = try kept.ask("GET / HTTP/1.1\r\n\r\n")
        #expect(last.status == 200 && last.closes)
        #expect(try kept.isClosed())
        #expect(try server.get("/ready").status == 503)
        #expect(try burner.answer().status == 200)
        #expect(try server.wait() == .exited(0))
        #expect(throws: SystemError.self) { _ = try server.connect() }
    }

    @Test func `what was begun before the drain time is over is finished after it`() throws {
        let server = try WebServer(environment: ["DRAIN_SECONDS=0.1"])
        let client = try server.connect()
        try client.say("GET /burn?ms=500 HTTP/1.1\r\n\r\n")
        usleep(50_000)
        server.child.signal(SIGTERM)
        #expect(try client.answer().status == 200)
        #expect(try server.wait() == .exited(0))
    }

    @Test func `two hundred connections are served at once`() throws {
        let server = try WebServer()
        let clients = try (0..<200).map { _ in try server.connect() }
        for client in clients { try client.say("GET / HTTP/1.1\r\n\r\n") }
        for client in clients { #expect(try client.answer().status == 200) }
    }

    @Test func `a bad setting is named`() throws {
        let (ending, _, errors) = try capture(WebServer.program, ["web", "--port", "x"])
        #expect(ending == .exited(1))
        #expect(String(decoding: errors, as: UTF8.self) == "web: port \"x\" is no port\n")
    }
}
