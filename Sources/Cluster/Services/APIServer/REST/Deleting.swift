import Contract
import JSON
import Kinds
import Linux
import Objects

/// What a client says about a deletion.
struct DeletionOptions: Sendable {
    var gracePeriodSeconds: Int?
    var propagationPolicy: String?
    var uid = ""
    var resourceVersion = ""

    init(_ call: Call) throws {
        var body = JSON.object(JSONObject())
        if !call.request.body.isEmpty {
            body = try Kinds.need("v1", "DeleteOptions").decode(
                call.request.body, contentType: call.request.header("content-type"),
                validation: .ignore
            ).object
        }
        self.init(body)
        if let seconds = call.query["gracePeriodSeconds"] { gracePeriodSeconds = Int(seconds) }
        if let policy = call.query["propagationPolicy"] { propagationPolicy = policy }
    }

    init(_ body: JSON) {
        gracePeriodSeconds = body["gracePeriodSeconds"]?.int
        propagationPolicy = body["propagationPolicy"]?.string
        if propagationPolicy == nil, body["orphanDependents"]?.bool == true {
            propagationPolicy = "Orphan"
        }
        uid = body.at("preconditions", "uid")?.string ?? ""
        resourceVersion = body.at("preconditions", "resourceVersion")?.string ?? ""
    }
}

extension API {
    func delete(_ call: Call) async throws -> Response {
        let options = try DeletionOptions(call)
        let (object, gone) = try await remove(call, options)
        // Asked for, and still held by something: the client sees the object, and that it is about
        // to go.
        if !gone { return try answer(call, call.kind.fromStorage(object)) }
        return .json(deleted(call, object))
    }

    /// - Returns: the object, and whether it is out of the store.
    func remove(_ call: Call, _ options: DeletionOptions) async throws -> (object: JSON, gone: Bool)
    {
        let gone = Flag()
        let object = try await modify(call) { old in
            try self.checkVersion(call, expected: options.resourceVersion, uid: options.uid, old)
            let marked = markedForDeletion(old, kind: call.kind.storage, options, now: nowSeconds())
            gone.value = marked.isReadyToGo
            return marked.isReadyToGo ? .remove : .write(marked)
        }
        return (object, gone.value)
    }

    private func deleted(_ call: Call, _ object: JSON) -> JSON {
        var details: JSON = ["name": .string(call.name), "kind": .string(call.kind.plural)]
        if !call.kind.group.isEmpty { details["group"] = .string(call.kind.group) }
        details["uid"] = object.at("metadata", "uid")
        return [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
            "details": details,
        ]
    }

    func deleteCollection(_ call: Call) async throws -> Response {
        let options = try DeletionOptions(call)
        let selection = try Selection(call)
        let listing = try await listing(call, selection)
        var removed: [JSON] = []
        for bytes in listing.items {
            let object = try JSON(parsing: bytes)
            guard selection.matches(object) else { continue }
            var one = call
            one.target.name = object.at("metadata", "name")?.string
            one.target.namespace = object.at("metadata", "namespace")?.string
            do { removed.append(try await remove(one, options).object) } catch let error
                as StatusError
                where error.code == 404
            {}  // somebody else was quicker
        }
        return .json(
            call.kind.list(
                removed.map(call.kind.fromStorage), resourceVersion: String(listing.revision)))
    }
}

/// Set by one attempt, read after the last.
private final class Flag: @unchecked Sendable {  // attempts follow each other, they never overlap
    var value = false
}

/// The object as the wish to delete it leaves it: with a time to die, a grace period and what waits
/// for dependents.
/// - Parameter now: seconds since 1970.
func markedForDeletion(_ object: JSON, kind: Kind, _ options: DeletionOptions, now: Int) -> JSON {
    var metadata = object["metadata"] ?? [:]
    var finalizers = object.finalizers
    switch options.propagationPolicy {
    case "Foreground":
        finalizers = finalizers.filter { $0 != "orphan" } + finalizers.missing("foregroundDeletion")
    case "Orphan":
        finalizers = finalizers.filter { $0 != "foregroundDeletion" } + finalizers.missing("orphan")
    case "Background": finalizers.removeAll { $0 == "orphan" || $0 == "foregroundDeletion" }
    default: break
    }
    let kept = JSON.array(finalizers.map { .string($0) })
    metadata["finalizers"] = finalizers.isEmpty ? JSON?.none : kept
    let grace = graceSeconds(object, kind: kind, options)
    let before =
        metadata["deletionTimestamp"]?.string == nil
        ? nil : metadata["deletionGracePeriodSeconds"]?.int ?? 0
    // A second request can shorten the grace period, never lengthen it.
    if before == nil || grace < before ?? 0 {
        metadata["deletionTimestamp"] = .string(Timestamp(seconds: now + grace).description)
        metadata["deletionGracePeriodSeconds"] = JSON(grace)
        if before == nil, let generation = metadata["generation"]?.int {
            metadata["generation"] = JSON(generation + 1)
        }
    }
    var marked = object
    marked["metadata"] = metadata
    if kind.kind == "Namespace" {
        var status = marked["status"] ?? [:]
        status["phase"] = "Terminating"
        marked["status"] = status
    }
    return marked
}

/// Only pods on a node need time to end; what nobody runs goes at once.
private func graceSeconds(_ object: JSON, kind: Kind, _ options: DeletionOptions) -> Int {
    guard kind.kind == "Pod", kind.group.isEmpty else { return 0 }
    let isPlaced = !(object.at("spec", "nodeName")?.string ?? "").isEmpty
    let isOver = ["Succeeded", "Failed"].contains(object.at("status", "phase")?.string ?? "")
    guard isPlaced, !isOver else { return 0 }
    return max(
        0,
        options.gracePeriodSeconds ?? object.at("spec", "terminationGracePeriodSeconds")?.int ?? 30)
}

extension [String] {
    fileprivate func missing(_ word: String) -> [String] { contains(word) ? [] : [word] }
}
