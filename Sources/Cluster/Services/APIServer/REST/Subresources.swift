import HTTPServing
import JSON
import Kinds

extension API {
    func subresource(_ name: String, _ call: Call) async throws -> Response {
        switch (call.kind.plural, name) {
        case (_, "status") where call.kind.hasStatus: return try await status(call)
        case (_, "scale") where call.kind.hasScale: return try await scale(call)
        case ("pods", "binding"): return try await bind(call)
        case ("pods", "eviction"): return try await evict(call)
        case ("pods", "log"): return try await log(call)
        case ("namespaces", "finalize"): return try await finalize(call)
        case ("serviceaccounts", "token"): return try await token(call)
        default: throw StatusError.noSuchResource()
        }
    }

    private func status(_ call: Call) async throws -> Response { try await part(call, "status") }

    /// Reads or changes one part of an object: a write leaves all the rest as it is.
    private func part(_ call: Call, _ subresource: String?) async throws -> Response {
        switch call.verb {
        case "get": return try await get(call)
        case "update":
            let body = try decodeBody(call)
            try checkName(body.object, call)
            let changed = try await replace(
                call, with: call.kind.toStorage(body.object), subresource: subresource)
            return try answer(call, call.kind.fromStorage(changed), warnings: body.warnings)
        case "patch":
            return try await patch(call, try decodePatch(call), subresource: subresource)
        default: throw StatusError.methodNotAllowed()
        }
    }

    // MARK: Scale

    private func scale(_ call: Call) async throws -> Response {
        let kind = Kind.scale
        switch call.verb {
        case "get": return .json(try scale(of: try await read(call), call))
        case "update":
            let body = try kind.decode(
                call.request.body, contentType: call.request.header("content-type"),
                validation: call.validation())
            let changed = try await modify(call) { old in
                try self.checkVersion(call, body.object, old)
                return try await self.scaled(call, old, body.object)
            }
            return .json(try scale(of: changed, call))
        case "patch":
            let patch = try decodePatch(call)
            let validation = try call.validation()
            let changed = try await modify(call) { old in
                let wanted = try kind.patched(
                    try self.scale(of: old, call), with: patch, validation: validation
                ).object
                try self.checkVersion(call, wanted, old)
                return try await self.scaled(call, old, wanted)
            }
            return .json(try scale(of: changed, call))
        default: throw StatusError.methodNotAllowed()
        }
    }

    private func scale(of object: JSON, _ call: Call) throws -> JSON {
        guard let scale = call.kind.scale(of: object) else { throw StatusError.noSuchResource() }
        return scale
    }

    private func scaled(_ call: Call, _ old: JSON, _ scale: JSON) async throws -> Change {
        try await prepared(
            call, old: old, new: call.kind.applying(scale: scale, to: old), subresource: nil)
    }

    // MARK: Pods

    /// The scheduler's decision. Once a pod has a node it keeps it.
    private func bind(_ call: Call) async throws -> Response {
        let binding = try Kind.binding.decode(
            call.request.body, contentType: call.request.header("content-type"),
            validation: call.validation())
        let node = binding.object.at("target", "name")?.string ?? ""
        guard !node.isEmpty else {
            throw StatusError.invalid(
                call.kind, name: call.name, [FieldError("target.name", .required, "Required value")]
            )
        }
        _ = try await modify(call) { old in
            try self.checkVersion(
                call, expected: "", uid: binding.object.at("metadata", "uid")?.string ?? "", old)
            let bound = try bound(old, to: node, call: call, now: nowText())
            _ = try await self.admitted(AdmissionRequest(.create, call, old: old, object: bound))
            return .write(bound)
        }
        return .json(success, status: 201)
    }

    /// `POST …/bindings`, the old way: the pod's name is in the body.
    func bindByBody(_ call: Call) async throws -> Response {
        let body = try decodeBody(call)
        var binding = call
        binding.kind = .pod
        binding.target.name = body.object.at("metadata", "name")?.string
        binding.target.subresource = "binding"
        return try await bind(binding)
    }

    private var success: JSON {
        ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": 201]
    }

    /// A deletion that asks first. There are no disruption budgets yet, so it is always granted.
    private func evict(_ call: Call) async throws -> Response {
        let eviction = try Kind.eviction.decode(
            call.request.body, contentType: call.request.header("content-type"), validation: .ignore
        )
        _ = try await remove(
            call, DeletionOptions(eviction.object["deleteOptions"] ?? [:], call.query))
        return .json(success, status: 201)
    }

    // MARK: Namespaces

    /// The namespace controller says that nothing is left inside.
    private func finalize(_ call: Call) async throws -> Response {
        let body = try decodeBody(call)
        let finalizers = body.object.at("spec", "finalizers") ?? []
        let changed = try await modify(call) { old in
            try self.checkVersion(call, body.object, old)
            var new = old
            new["spec"] = ["finalizers": finalizers]
            _ = try await self.admitted(AdmissionRequest(.update, call, old: old, object: new))
            return new.isReadyToGo(call.kind.storage) ? .remove : .write(new)
        }
        return try answer(call, changed)
    }
}

/// A pod with a node, and the condition that says so.
private func bound(_ pod: JSON, to node: String, call: Call, now: String) throws -> JSON {
    let present = pod.at("spec", "nodeName")?.string ?? ""
    guard present.isEmpty else {
        throw StatusError.conflict(
            call.kind, name: call.name,
            "pod \(call.name) is already assigned to node \"\(present)\"")
    }
    if pod.at("metadata", "deletionTimestamp")?.string != nil {
        throw StatusError.conflict(
            call.kind, name: call.name,
            "pod \(call.name) is being deleted, cannot be assigned to a host")
    }
    var pod = pod
    var spec = pod["spec"] ?? [:]
    spec["nodeName"] = .string(node)
    pod["spec"] = spec
    var status = pod["status"] ?? [:]
    var conditions = (status["conditions"]?.array ?? []).filter { $0["type"] != "PodScheduled" }
    conditions.append(
        [
            "type": "PodScheduled", "status": "True", "lastProbeTime": .null,
            "lastTransitionTime": .string(now),
        ])
    status["conditions"] = .array(conditions)
    pod["status"] = status
    return pod
}
