import ContractAdmission
import JSON
import Kinds

/// What is looked at between a body that can be read and a write: may this be, and what does it
/// lack?
///
/// Each plugin has one job; they run one after the other in a written order (`API.plugins`). Those
/// that fill something in come before those that judge the whole. What a kind's own rules say of an
/// object is checked afterwards, so a plugin sees what the client sent with its defaults.
///
/// Source: kubernetes.io/docs/reference/access-authn-authz/admission-controllers.
protocol AdmissionPlugin: Sendable {
    /// The request as it goes on.
    /// - Throws: a `StatusError` where it must not.
    func admit(_ request: AdmissionRequest) async throws -> AdmissionRequest
}

/// A write that is about to be done.
struct AdmissionRequest: Sendable {
    enum Operation: String, Sendable { case create, update, delete }

    let operation: Operation
    let user: UserFacts
    let kind: Kind
    let namespace: String?
    let name: String
    /// `status`, `binding`, `eviction`; nil for the object itself.
    let subresource: String?
    /// What is stored; nil where the object is new.
    let old: JSON?
    /// What is to be stored, or the body of a subresource; nil for a deletion.
    var object: JSON?

    init(_ operation: Operation, _ call: Call, old: JSON?, object: JSON?) {
        (self.operation, self.old, self.object) = (operation, old, object)
        (user, kind, namespace) = (call.user, call.kind.storage, call.target.namespace)
        name = call.target.name ?? object?.name ?? ""
        subresource = call.target.subresource
    }

    /// Whether it is about this kind of the core group, the object itself or this subresource of
    /// it.
    func isAbout(_ kind: String, _ subresource: String? = nil) -> Bool {
        self.kind.group.isEmpty && self.kind.kind == kind && self.subresource == subresource
    }

    func forbidden(_ why: String) -> StatusError { .forbidden(kind, name: name, why) }
}

extension API {
    /// The order counts: who may at all, then what is filled in, then what is refused.
    static func plugins(_ objects: StoredObjects, _ access: Access) -> [any AdmissionPlugin] {
        [
            NamespaceLifecycle(objects: objects, immortal: Set(namespaces)),
            ServiceAccountAdmission(), DefaultTolerations(),
            NodeRestriction(objects: objects),
            RoleEscalation(access: access),
        ]
    }

    /// What becomes of a write on its way through all plugins.
    func admitted(_ request: AdmissionRequest) async throws -> JSON? {
        var request = request
        for plugin in plugins { request = try await plugin.admit(request) }
        return request.object
    }
}

/// Objects as plugins look at them: from the cache, and from the store where the cache may lag
/// behind.
struct StoredObjects: Sendable {
    let hub: WatchHub
    let store: EtcdStore

    /// - Parameter plural: `pods`; the key is made of it, the namespace and the name.
    func find(_ plural: String, _ namespace: String?, _ name: String) async throws -> JSON? {
        let key = "/registry/\(plural)/" + (namespace.map { "\($0)/" } ?? "") + name
        if let entry = hub.read({ $0.entry(plural, key: key) }) {
            return try JSON(parsing: entry.bytes)
        }
        return try await store.get(key)?.object
    }
}
