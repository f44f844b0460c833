/// What is said to a request. A decision: no socket, no clock.
struct Answer: Equatable {
    var status: Int
    var body: String
    /// Processor time to use up first, in milliseconds.
    var burnMilliseconds = 0
    var closes = false

    static let burnMillisecondsMax = 60_000

    init(_ status: Int, _ body: String, burnMilliseconds: Int = 0, closes: Bool = false) {
        (self.status, self.body, self.closes) = (status, body, closes)
        self.burnMilliseconds = burnMilliseconds
    }

    init(to request: Request, version: String, podName: String, draining: Bool) {
        let greeting = "\(version) \(podName)\n"
        switch (request.method, request.path) {
        case ("GET", "/ready"), ("HEAD", "/ready"):
            if version == "v3-broken" {
                self.init(503, "\(version) never gets ready\n")
            } else if draining {
                self.init(503, "draining\n")
            } else {
                self.init(200, "ready\n")
            }
        case ("GET", "/healthz"), ("HEAD", "/healthz"): self.init(200, "ok\n")
        case ("GET", "/burn"):
            let asked = request.number("ms") ?? 100
            self.init(200, greeting, burnMilliseconds: min(max(0, asked), Self.burnMillisecondsMax))
        case ("GET", _), ("HEAD", _): self.init(200, greeting)
        default: self.init(405, "only GET\n")
        }
        // What follows a body that nobody read would be taken for the next request.
        closes = draining || !request.keepsAlive || request.hasBody
    }

    private var reason: String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 405: "Method Not Allowed"
        case 431: "Request Header Fields Too Large"
        default: "Service Unavailable"
        }
    }

    func bytes(headOnly: Bool) -> [UInt8] {
        let head =
            "HTTP/1.1 \(status) \(reason)\r\nContent-Type: text/plain\r\n"
            + "Content-Length: \(body.utf8.count)\r\n"
            + (status == 405 ? "Allow: GET, HEAD\r\n" : "")
            + "Connection: \(closes ? "close" : "keep-alive")\r\n\r\n"
        return Array((headOnly ? head : head + body).utf8)
    }
}
