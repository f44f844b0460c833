/// What a server knows about each kind of object: the pure half of the API server, with no socket, store or clock.
///
/// A `Kind` is one value: its names, its field table, what it fills in, checks, keeps and prints. Strict decoding,
/// protobuf, patches, OpenAPI, discovery and tables work on any kind and know none by name, so adding a kind that
/// nobody acts on is adding one value. A registry is what a server is given: a test may have a small one.
///
/// How a server uses it, in the order of a request:
///
///     let kind = kinds.find(group: "apps", version: "v1", plural: "deployments")!
///
///     // POST: JSON or protobuf body -> tree, strictly checked: unknown fields are errors, warnings, or dropped.
///     let body = try kind.decode(bytes, contentType: type, validation: FieldValidation(query))  // Decoded
///     var object = kind.toStorage(body.object)           // autoscaling/v1 is stored as v2; most are as they are
///     object = try kind.storage.prepareForCreate(object, CreateContext(namespace:uid:suffix:now:))
///     …admission, Service address…; then
///     try kind.storage.validate(object)                                // 422 Invalid with causes
///
///     // PUT, or the result of a patch; `subresource` is nil, "status", …
///     let new = try kind.storage.prepareForUpdate(old: old, new: body, subresource: nil)
///     try kind.storage.validateUpdate(old: old, new: new)
///
///     // PATCH: the result is decoded again, so a patch cannot smuggle in unknown fields.
///     let patched = try kind.patch(old, with: patchTree, type: PatchType(contentType)!)
///     let body = try kind.decode(tree: patched, validation: …)
///
///     // Scale subresource.
///     let scale = kind.scale(of: object)                 // autoscaling/v1 Scale
///     let new = try kind.applying(scale: body, to: object)
///
///     // GET: selectors, lists, tables.
///     let labels = try LabelQuery("app=web,tier in (a,b)"); labels.matches(object)
///     let fields = try FieldQuery("spec.nodeName=node-1", for: kind); fields.matches(object)
///     kind.list(items, resourceVersion: "17", continueToken: nil, remaining: nil)
///     kind.table(items, now: seconds, …)                 // meta.k8s.io/v1 Table
///
///     // Discovery and OpenAPI.
///     Discovery(kinds).aggregated(core: true), .coreVersions(address:), .groups(), .resources(group:version:)
///     OpenAPI(kinds).index, .document(group:version:)
///
/// Every refusal is a `StatusError`: an HTTP code and a `Status` object as Kubernetes words it. Bodies that are not
/// stored objects (DeleteOptions, Scale, Eviction, Binding, TokenRequest, access reviews) are decoded by kinds, too:
/// `Kind.eviction.decode(…)`.
public struct KindRegistry: Sendable {
    /// In discovery order.
    public let all: [Kind]
    private let byPlural: [String: Kind]
    private let byName: [String: Kind]

    /// Of two kinds with the same path or the same name the first counts.
    public init(_ kinds: [Kind]) {
        all = kinds
        let served = kinds.filter(\.isServed)
        byPlural = Dictionary(
            served.map { (Self.path($0.group, $0.version, $0.plural), $0) }, uniquingKeysWith: { first, _ in first })
        byName = Dictionary(
            kinds.map { ("\($0.apiVersion)/\($0.kind)", $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The kinds that the kit serves.
    public static let builtIn = KindRegistry(
        [
            .binding, .configMap, .endpoints, .event, .namespace, .node, .persistentVolumeClaim, .pod, .secret,
            .service, .serviceAccount,
            .daemonSet, .deployment, .replicaSet, .statefulSet,
            .autoscaler, .autoscalerV1, .cronJob, .job, .lease, .endpointSlice,
            .clusterRoleBinding, .clusterRole, .roleBinding, .role, .nodeMetrics, .podMetrics,
        ] + Kind.reviews + [.tokenRequest, .scale, .eviction, .deleteOptions, .status])

    /// These kinds and some more.
    public func adding(_ kinds: [Kind]) -> KindRegistry { KindRegistry(all + kinds) }

    /// The kind that is served at `/apis/GROUP/VERSION/…/PLURAL` (group "" is core).
    public func find(group: String, version: String, plural: String) -> Kind? {
        byPlural[Self.path(group, version, plural)]
    }

    /// The kind named in a body: `apiVersion` is "v1" or "apps/v1".
    public func find(apiVersion: String, kind: String) -> Kind? { byName["\(apiVersion)/\(kind)"] }

    private static func path(_ group: String, _ version: String, _ plural: String) -> String {
        "\(group)/\(version)/\(plural)"
    }
}
