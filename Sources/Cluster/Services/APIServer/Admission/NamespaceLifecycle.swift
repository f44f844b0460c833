import JSON
import Kinds

/// Objects are made in namespaces that are there and not about to go; what every cluster has,
/// nobody takes away: it would be made again at once, without what was in it.
struct NamespaceLifecycle: AdmissionPlugin {
    let objects: StoredObjects
    let immortal: Set<String>

    func admit(_ request: AdmissionRequest) async throws -> AdmissionRequest {
        if request.operation == .delete, request.isAbout("Namespace"),
            immortal.contains(request.name)
        {
            throw request.forbidden("this namespace may not be deleted")
        }
        guard request.operation == .create, request.subresource == nil,
            let namespace = request.namespace
        else { return request }
        guard let object = try await objects.find("namespaces", nil, namespace) else {
            throw StatusError.notFound(.namespace, name: namespace)
        }
        if object.at("metadata", "deletionTimestamp") != nil {
            throw StatusError.terminating(request.kind, namespace: namespace)
        }
        return request
    }
}
