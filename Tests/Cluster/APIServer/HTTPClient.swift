import JSON
import Linux

extension Rig {
    /// What the server answered to one request.
    struct HTTPAnswer: Sendable {
        var code: Int
        var body: JSON
        var headers: String
        var message: String { body["message"]?.string ?? body.text }
    }

    /// Who asks: a certificate of the rig's, or a bearer token, or nobody.
    enum Asker {
        case certificate(String)
        case token(String)
        case nobody
    }

    /// One request by curl, as it stands.
    func ask(
        _ method: String, _ path: String, _ body: String? = nil,
        as asker: Asker = .certificate("admin"),
        type: String = "application/json", headers: [String] = []
    ) throws -> HTTPAnswer {
        let head = "\(folder)/head-\(Int.random(in: 0..<1_000_000_000))"
        defer { _ = unlink(head) }
        var arguments = [
            "curl", "-s", "-m", "20", "-X", method, "--cacert", "\(folder)/ca.crt", "-D", head,
            "-w", "\n%{http_code}",
        ]
        switch asker {
        case .certificate(let name):
            arguments += ["--cert", "\(folder)/\(name).crt", "--key", "\(folder)/\(name).key"]
        case .token(let token): arguments += ["-H", "Authorization: Bearer \(token)"]
        case .nobody: break
        }
        for header in headers { arguments += ["-H", header] }
        if body != nil { arguments += ["-H", "Content-Type: \(type)", "--data-binary", "@-"] }
        let result = try capture(
            "curl", arguments + ["-g", "--path-as-is", "https://127.0.0.1:\(port)\(path)"],
            input: Array((body ?? "").utf8))
        let text = String(decoding: result.output, as: UTF8.self)
        let cut = text.lastIndex(of: "\n") ?? text.startIndex
        let content = String(text[..<cut])
        return HTTPAnswer(
            code: Int(text[cut...].dropFirst()) ?? 0,
            body: (try? JSON(parsing: content)) ?? .string(content),
            headers: (try? Files.readText(head)) ?? "")
    }
}
