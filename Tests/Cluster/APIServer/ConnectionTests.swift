import HTTPServing
import JSON
import Linux
import Testing

/// What one peer may take of a server: as values, and from a real one.
@Suite("Connections", .serialized)
struct ConnectionTests {
    @Test("A connection has a limit wherever it waits for its peer, and none while it is answered")
    func phases() {
        let limits = HTTPLimits()
        var phase = ConnectionPhase(limits)
        #expect(phase.opened == limits.firstHeadSeconds)
        let head = phase.head()
        #expect(head == limits.bodySeconds)
        #expect(!phase.isWaiting)
        let end = phase.end()
        #expect(end == nil)
        let answered = phase.answered()
        #expect(answered == limits.nextHeadSeconds)
        #expect(phase.isWaiting)
    }

    @Test(
        "A request that comes while another is answered has its own limit; an early answer ends none"
    )
    func pipelined() {
        let limits = HTTPLimits()
        var phase = ConnectionPhase(limits)
        _ = (phase.head(), phase.end(), phase.head())
        let early = phase.answered()
        #expect(early == limits.bodySeconds)
        let end = phase.end()
        #expect(end == nil)
        let last = phase.answered()
        #expect(last == limits.nextHeadSeconds)
    }

    @Test("Where there is no room, who has waited longest makes some; who is being answered stays")
    func room() {
        var limits = HTTPLimits(connectionsMax: 3)
        limits.connectionsPerPeerMax = 3
        var table = ConnectionTable(limits)
        var ids: [Int] = []
        for _ in 0..<3 {
            guard case .admitted(let id, nil) = table.arrives(from: "a") else {
                Issue.record("no room for the first three")
                return
            }
            ids.append(id)
        }
        table.isBusy(ids[0])
        table.isBusy(ids[1])
        table.waits(ids[1])
        guard case .admitted(let fourth, ids[2]) = table.arrives(from: "a") else {
            Issue.record("the one that has waited longest doesn't make room")
            return
        }
        table.isBusy(fourth)
        guard case .admitted(let fifth, ids[1]) = table.arrives(from: "b") else {
            Issue.record("another peer finds no room")
            return
        }
        table.isBusy(fifth)
        let refused = table.arrives(from: "b")
        #expect(refused == .refused)
        #expect(table.count == 3)
        table.leaves(ids[0])
        let late = table.arrives(from: "a")
        #expect(late != .refused)
    }

    @Test("One peer gets no more than its share")
    func share() {
        var table = ConnectionTable(HTTPLimits(connectionsMax: 4))
        for _ in 0..<10 {
            guard case .admitted(let id, nil) = table.arrives(from: "a") else { break }
            table.isBusy(id)
        }
        #expect(table.count == 2)
        let other = table.arrives(from: "b")
        #expect(other != .refused)
    }

    /// A connection that says nothing, or the given bytes.
    private func connection(to port: Int, saying bytes: [UInt8] = []) throws -> Int32 {
        let raw = try check("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if !bytes.isEmpty { _ = send(raw, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
        return raw
    }

    @Test("A crowd of silent connections keeps nobody out, and each is ended")
    func silentCrowd() async throws {
        try await Rig.with(descriptors: 400) { rig in
            var crowd: [Int32] = []
            defer { for raw in crowd { close(raw) } }
            for index in 0..<600 {
                // Some are silent, some begin a handshake and leave it there.
                let hello: [UInt8] = index % 2 == 0 ? [] : [22, 3, 1, 2, 0, 1]
                crowd.append(try connection(to: rig.port, saying: hello))
            }
            try #expect(rig.ask("GET", "/readyz").code == 200)
            try #expect(rig.ask("POST", OptionsTests.maps, OptionsTests.map("c")).code == 201)
            // The last to come has not been pushed out: it is ended for its silence.
            let last = crowd[crowd.count - 1]
            let isEnded = try await eventually(seconds: 40) {
                var byte: UInt8 = 0
                let count = recv(last, &byte, 1, Int32(MSG_DONTWAIT))
                return count == 0 || count < 0 && Errno.current != .tryAgain
            }
            #expect(isEnded)
        }
    }

    @Test(
        "A body without end is refused at its limit, a small one for whom nobody knows; long heads too"
    )
    func bodies() async throws {
        try await Rig.with { rig in
            func send(_ more: [String]) throws -> String {
                let result = try capture(
                    "curl",
                    [
                        "curl", "-s", "-m", "30", "-o", "/dev/null", "-w",
                        "%{http_code} %{size_upload}",
                        "--cacert", "\(rig.folder)/ca.crt", "-X", "POST",
                        "-H", "Content-Type: application/json",
                    ] + more + ["https://127.0.0.1:\(rig.port)\(OptionsTests.maps)"])
                return String(decoding: result.output, as: UTF8.self)
            }
            let admin = ["--cert", "\(rig.folder)/admin.crt", "--key", "\(rig.folder)/admin.key"]
            let endless = ["-H", "Transfer-Encoding: chunked", "-H", "Expect:", "-T", "/dev/zero"]
            for who in [admin, [], ["-H", "Authorization: Bearer nonsense"]] {
                let words = try send(who + endless).split(separator: " ")
                #expect(words.first == "413", "\(who.count)")
                #expect((words.last.flatMap { Int($0) } ?? .max) < 32 << 20)
            }
            // Announced, so it isn't even read.
            let announced = ["-H", "Content-Length: 99999999999", "-H", "Expect:", "--data", "{"]
            try #expect(send(admin + announced).hasPrefix("413"))
            let long = ["-H", "X-Long: \(String(repeating: "x", count: 70_000))", "--data", "{}"]
            try #expect(!send(admin + long).hasPrefix("2"))
            let many = (0..<400).flatMap { ["-H", "X-\($0): y"] } + ["--data", "{}"]
            try #expect(!send(admin + many).hasPrefix("2"))
            try #expect(rig.ask("GET", "/readyz").code == 200)
        }
    }
}
