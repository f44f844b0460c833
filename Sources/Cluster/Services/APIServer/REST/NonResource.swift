import ContractAdmission
import Crypto
import HTTPServing
import JSON
import Kinds
import Objects

/// Paths that are no resource: health, version, discovery, OpenAPI.
extension API {
    func nonResource(_ request: Request, _ user: UserFacts) async throws -> Response {
        let path = "/" + request.path.joined(separator: "/")
        try access.check(
            user, request.method == "GET" ? "get" : request.method.lowercased(), path: path)
        guard request.method == "GET" || request.method == "HEAD" else {
            throw StatusError.methodNotAllowed()
        }
        switch request.path.first {
        case nil:
            return .json([
                "paths": [
                    "/api", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz",
                    "/version",
                ]
            ])
        case "healthz", "livez": return .text("ok")
        case "readyz": return try await readiness()
        case "version": return .json(versionInfo)
        case "api", "apis": return try answerDiscovery(request)
        case "openapi": return try answerOpenAPI(request)
        default: throw StatusError(code: 404, reason: "NotFound", message: "404 page not found")
        }
    }

    private func readiness() async throws -> Response {
        do {
            _ = try await store.currentRevision()
            return .text("ok")
        } catch let error as StoreError {
            return .text(
                "[-]store failed: \(error.status.message)\nreadyz check failed\n", status: 500)
        }
    }

    private var versionInfo: JSON {
        [
            "major": .string(KubernetesVersion.major), "minor": .string(KubernetesVersion.minor),
            "gitVersion": .string("\(KubernetesVersion.text)+drydock"), "gitCommit": "",
            "gitTreeState": "clean",
            "buildDate": "2026-11-22T00:00:00Z", "goVersion": "swift6.3", "compiler": "swiftc",
            "platform": "linux",
        ]
    }

    private func answerDiscovery(_ request: Request) throws -> Response {
        let path = request.path
        let document: JSON?
        switch (path[0], path.count) {
        case ("api", 1), ("apis", 1):
            if let version = aggregatedVersion(request.accept) {
                let document = discovery.aggregated(core: path[0] == "api")
                return cached(
                    document, request,
                    type:
                        "application/json;g=apidiscovery.k8s.io;v=\(version);as=APIGroupDiscoveryList"
                )
            }
            document =
                path[0] == "apis"
                ? discovery.groups() : discovery.coreVersions(address: request.header("host") ?? "")
        case ("api", 2): document = discovery.resources(group: "", version: path[1])
        case ("apis", 2): document = discovery.group(path[1])
        case ("apis", 3): document = discovery.resources(group: path[1], version: path[2])
        default: document = nil
        }
        guard let document else { throw StatusError.noSuchResource() }
        return cached(document, request, type: "application/json")
    }

    private func aggregatedVersion(_ accept: String) -> String? {
        guard accept.contains("as=APIGroupDiscoveryList") else { return nil }
        return accept.contains("v=v2;") ? "v2" : nil
    }

    private func answerOpenAPI(_ request: Request) throws -> Response {
        let path = request.path
        if path == ["openapi", "v2"] {
            return Response(
                status: 200, headers: [("Content-Type", OpenAPI.version2ContentType)],
                body: .bytes(openAPI.version2))
        }
        guard path.count >= 2, path[1] == "v3" else { throw StatusError.noSuchResource() }
        let document: JSON?
        switch path.count {
        case 2: document = openAPI.index
        case 4 where path[2] == "api": document = openAPI.document(group: "", version: path[3])
        case 5 where path[2] == "apis":
            document = openAPI.document(group: path[3], version: path[4])
        default: document = nil
        }
        guard let document else { throw StatusError.noSuchResource() }
        return cached(document, request, type: "application/json")
    }

    /// With an ETag, and 304 where the client has this very document already.
    private func cached(_ document: JSON, _ request: Request, type: String) -> Response {
        let bytes = document.bytes
        let digest = SHA256.hash(data: bytes).prefix(16).map { String($0, radix: 16) }.joined()
        let headers = [
            ("Content-Type", type), ("ETag", "\"\(digest)\""), ("Vary", "Accept"),
            ("Cache-Control", "public"),
        ]
        if request.header("if-none-match") == "\"\(digest)\"" {
            return Response(status: 304, headers: headers)
        }
        return Response(status: 200, headers: headers, body: .bytes(bytes))
    }
}

extension API {
    /// Kinds that are answered here and not stored; nil for all others.
    func special(_ call: Call) async throws -> Response? {
        switch call.kind.group {
        case "authorization.k8s.io", "authentication.k8s.io": return try await review(call)
        case "metrics.k8s.io": return try await metrics(call)
        default: return nil
        }
    }
}
