/// The pure half of the API server: what it knows about each kind of object, with no socket, store
/// or clock.
///
/// One field table a kind (Tables/) says each field's JSON name, type, protobuf number, merge key
/// and purpose.
/// Strict decoding, protobuf, patches, OpenAPI and discovery all read that table, so adding a kind
/// is adding
/// its table and one entry in `Kinds.all`.
///
/// How a server uses it, in the order of a request:
///
///     let kind = Kinds.find(group: "apps", version: "v1", plural: "deployments")!
///
///     // POST: JSON or protobuf body -> tree, strictly checked; unknown fields are errors,
///   warnings, or dropped.
///     let body = try kind.decode(bytes, contentType: type, validation: FieldValidation(query))  //
///   Decoded
///     var object = kind.toStorage(body.object)           // autoscaling/v1 is stored as v2; most
///   are as they are
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
///     Discovery.aggregated(core: true), .coreVersions(address:), .groups(),
///   .resources(group:version:)
///     OpenAPI.index(), OpenAPI.document(group:version:)
///
/// Every refusal is a `StatusError`: an HTTP code and a `Status` object as Kubernetes words it.
/// Bodies that are not stored objects (DeleteOptions, Scale, Eviction, Binding, TokenRequest,
/// access reviews)
/// are decoded by `Kinds.find(apiVersion:kind:)!.decode(…)` too.
public enum Kinds {
    /// Every kind the server knows, in discovery order.
    public static let all: [Kind] = coreKinds + appsKinds + otherKinds + requestKinds

    /// The kind that is served at `/apis/GROUP/VERSION/…/PLURAL` (group "" is core).
    public static func find(group: String, version: String, plural: String) -> Kind? {
        byPlural["\(group)/\(version)/\(plural)"]
    }

    /// The kind named in a body: `apiVersion` is "v1" or "apps/v1".
    public static func find(apiVersion: String, kind: String) -> Kind? {
        byName["\(apiVersion)/\(kind)"]
    }

    private static let byPlural = Dictionary(
        all.filter { !$0.plural.isEmpty }.map { ("\($0.group)/\($0.version)/\($0.plural)", $0) },
        uniquingKeysWith: { first, _ in first })

    private static let byName = Dictionary(
        all.map { ("\($0.apiVersion)/\($0.kind)", $0) }, uniquingKeysWith: { first, _ in first })
}
