import Linux
import Objects
import PodRuntime

/// How a probe's question was answered; the text is for the event.
struct ProbeAnswer: Sendable {
    var succeeded: Bool
    var message: String
}

/// Asks a container how it is. Blocks until the answer or the timeout.
struct ProbeRunner: Sendable {
    let runtime: any RuntimeService
    let container: Container
    let containerID: String
    let podIP: String

    /// Without holding up the threads that Swift's tasks share.
    func ask(_ probe: Probe) async throws -> ProbeAnswer {
        if let grpc = probe.grpc {
            return await GRPCProbe.ask(
                podIP, grpc.port, service: grpc.service ?? "",
                seconds: max(1, probe.timeoutSeconds ?? 1))
        }
        return try await blocking { self.run(probe) }
    }

    func run(_ probe: Probe) -> ProbeAnswer {
        let seconds = max(1, probe.timeoutSeconds ?? 1)
        if let http = probe.httpGet { return get(http, seconds: seconds) }
        if let tcp = probe.tcpSocket {
            guard let port = port(tcp.port) else { return unknown(tcp.port) }
            return connectOnly(tcp.host ?? podIP, port, seconds: seconds)
        }
        if let exec = probe.exec { return execute(exec.command ?? [], seconds: seconds) }
        return ProbeAnswer(succeeded: false, message: "missing probe handler for \(container.name)")
    }

    /// A lifecycle hook's action, other than sleep.
    func run(_ hook: Lifecycle.Handler, seconds: Int) -> ProbeAnswer {
        if let http = hook.httpGet { return get(http, seconds: seconds) }
        if let exec = hook.exec { return execute(exec.command ?? [], seconds: seconds) }
        return ProbeAnswer(succeeded: false, message: "invalid handler of \(container.name)")
    }

    private func get(_ http: Probe.HTTPGet, seconds: Int) -> ProbeAnswer {
        guard let port = port(http.port) else { return unknown(http.port) }
        guard (http.scheme ?? "HTTP") == "HTTP" else {
            return ProbeAnswer(
                succeeded: false, message: "scheme HTTPS is not supported by this kubelet")
        }
        let host = http.host ?? podIP
        let path = http.path ?? "/"
        let url = "http://\(host):\(port)\(path.hasPrefix("/") ? "" : "/")\(path)"
        var headers = (http.httpHeaders ?? []).map { "\($0.name): \($0.value)\r\n" }.joined()
        // The header of that name, not one that ends in it, such as X-Forwarded-Host.
        if !(http.httpHeaders ?? []).contains(where: { $0.name.lowercased() == "host" }) {
            headers += "Host: \(host):\(port)\r\n"
        }
        let request =
            "GET \(path.hasPrefix("/") ? "" : "/")\(path) HTTP/1.1\r\n\(headers)"
            + "User-Agent: kube-probe/\(KubernetesVersion.major).\(KubernetesVersion.minor)\r\nAccept: */*\r\nConnection: close\r\n\r\n"
        let deadline = Deadline(afterSeconds: seconds)
        do {
            let socket = try TCPProbe.connect(host, port, by: deadline)
            let answer = try TCPProbe.exchange(socket, request, by: deadline)
            guard let status = answer.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
            else {
                return ProbeAnswer(
                    succeeded: false, message: "Get \"\(url)\": malformed HTTP response")
            }
            return (200..<400).contains(status)
                ? ProbeAnswer(succeeded: true, message: "")
                : ProbeAnswer(
                    succeeded: false, message: "HTTP probe failed with statuscode: \(status)")
        } catch {
            return ProbeAnswer(succeeded: false, message: "Get \"\(url)\": \(error)")
        }
    }

    private func connectOnly(_ host: String, _ port: Int, seconds: Int) -> ProbeAnswer {
        do {
            _ = try TCPProbe.connect(host, port, by: Deadline(afterSeconds: seconds))
            return ProbeAnswer(succeeded: true, message: "")
        } catch { return ProbeAnswer(succeeded: false, message: "\(error)") }
    }

    private func execute(_ command: [String], seconds: Int) -> ProbeAnswer {
        do {
            let result = try runtime.execSync(containerID, command, timeoutSeconds: seconds)
            return ProbeAnswer(succeeded: result.exitCode == 0, message: result.output)
        } catch {
            return ProbeAnswer(succeeded: false, message: "\(error)")
        }
    }

    /// A number, or the name of one of the container's ports.
    private func port(_ port: IntOrString) -> Int? {
        switch port {
        case .int(let number): number
        case .string(let name):
            Int(name) ?? container.ports?.first { $0.name == name }?.containerPort
        }
    }

    private func unknown(_ port: IntOrString) -> ProbeAnswer {
        ProbeAnswer(
            succeeded: false, message: "no port named \(port) in container \(container.name)")
    }
}

/// A TCP connection with a deadline, in plain system calls.
enum TCPProbe {
    static func connect(
        _ host: String, _ port: Int, by deadline: Deadline
    ) throws(RuntimeFailure) -> FileDescriptor {
        let name = host == "localhost" ? "127.0.0.1" : host
        guard CIDR.address(name) != nil, let port16 = UInt16(exactly: port) else {
            throw RuntimeFailure("dial tcp \(host):\(port): not an IPv4 address and port")
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = FileDescriptor(owning: socket(AF_INET, type, 0))
        _ = clinux_connect(descriptor.raw, name, port16)
        guard deadline.poll(descriptor.raw, for: POLLOUT) else {
            throw RuntimeFailure("dial tcp \(host):\(port): i/o timeout")
        }
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor.raw, SOL_SOCKET, SO_ERROR, &failure, &length)
        if failure != 0 {
            let words = "\(Errno(rawValue: failure))".lowercased()
            throw RuntimeFailure("dial tcp \(host):\(port): connect: \(words)")
        }
        return descriptor
    }

    /// Sends the request and reads the first line of the answer.
    static func exchange(
        _ socket: borrowing FileDescriptor, _ request: String, by deadline: Deadline
    ) throws(RuntimeFailure) -> String {
        let bytes = Array(request.utf8)
        let sent = bytes.withUnsafeBytes {
            send(socket.raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == bytes.count else { throw RuntimeFailure("write: \(Errno.current)") }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1024)
        while !answer.contains(UInt8(ascii: "\n")), answer.count < 65536 {
            guard deadline.poll(socket.raw, for: POLLIN) else {
                throw RuntimeFailure("context deadline exceeded (timeout while awaiting headers)")
            }
            let got = recv(socket.raw, &buffer, buffer.count, 0)
            if got <= 0 { throw RuntimeFailure(got == 0 ? "EOF" : "read: \(Errno.current)") }
            answer += buffer[..<got]
        }
        return String(decoding: answer.prefix { $0 != 13 && $0 != 10 }, as: UTF8.self)
    }
}
