import GRPCCore
import GRPCNIOTransportHTTP2
import Linux

/// A probe by gRPC's own protocol: `grpc.health.v1.Health/Check`. Its two messages have one field
/// each, so they are read and written here. Source: grpc/grpc, doc/health-checking.md.
enum GRPCProbe {
    static func ask(
        _ host: String, _ port: Int, service: String, seconds: Int
    ) async -> ProbeAnswer {
        guard let number = UInt16(exactly: port), number > 0 else {
            return ProbeAnswer(succeeded: false, message: "port \(port) is none")
        }
        do {
            let status = try await check(
                host, number, service, seconds: Deadline.clamped(seconds: seconds))
            return status == 1
                ? ProbeAnswer(succeeded: true, message: "")
                : ProbeAnswer(
                    succeeded: false,
                    message: "service unhealthy (responded with \"\(name(of: status))\")")
        } catch {
            return ProbeAnswer(
                succeeded: false, message: "failed to connect service \"\(host):\(port)\": \(error)"
            )
        }
    }

    private static func check(
        _ host: String, _ port: UInt16, _ service: String, seconds: Int
    ) async throws -> UInt64 {
        let transport = try HTTP2ClientTransport.Posix(
            target: .ipv4(address: host, port: Int(port)), transportSecurity: .plaintext)
        return try await withGRPCClient(transport: transport) { client in
            var options = CallOptions.defaults
            options.timeout = .seconds(seconds)
            // Nobody listens: that is the answer, not a reason to wait.
            options.waitForReady = false
            return try await client.unary(
                request: ClientRequest(message: Array(service.utf8)),
                descriptor: MethodDescriptor(
                    fullyQualifiedService: "grpc.health.v1.Health", method: "Check"),
                serializer: Asking(), deserializer: Answering(), options: options
            ) { try $0.message }
        }
    }

    private static func name(of status: UInt64) -> String {
        ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"][Int(min(status, 3))]
    }
}

/// HealthCheckRequest: field 1 is the service's name, and not written where it is empty.
private struct Asking: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ service: [UInt8]) throws -> Bytes {
        if service.isEmpty { return Bytes([UInt8]()) }
        var bytes: [UInt8] = [0x0A]
        var rest = service.count
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return Bytes(bytes + [UInt8(rest)] + service)
    }
}

/// HealthCheckResponse: field 1 is the status; not there means 0.
private struct Answering: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> UInt64 {
        let all = bytes.withUnsafeBytes { Array($0) }
        guard all.first == 0x08 else { return 0 }
        var (value, shift) = (UInt64(0), UInt64(0))
        for byte in all.dropFirst().prefix(9) {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return value
    }
}
