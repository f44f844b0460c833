import JSON

/// A resource below an object: `/scale`, `/status`, `/log`.
public struct Subresource: Hashable, Sendable {
    /// The last part of the path: `scale`.
    public let name: String
    /// What is read and written there, where that is not the object itself.
    public let apiVersion: String
    public let kind: String
    public let verbs: [String]
}

/// What the server knows about one kind in one version.
public struct Kind: Sendable {
    /// "" for core.
    public let group: String
    public let version: String
    public let kind: String
    /// As in paths: `deployments`. Empty for kinds that are only sent as bodies (DeleteOptions,
    /// Scale).
    public let plural: String
    public var singular: String
    public var shortNames: [String] = []
    /// `all` is what `kubectl get all` asks for.
    public var categories: [String] = []
    public var namespaced = true
    /// What may be done with the resource; create alone for reviews.
    public var verbs = Kind.everyVerb
    public var subresources: [Subresource] = []
    /// False for what is computed or answered at once (reviews, metrics): never in the store.
    public var isStored = true
    /// Whether some program of the kit makes what an object of this kind asks for. Where none does, a client that
    /// makes one is told so: otherwise it would wait for ever.
    public var isActedUpon = true
    /// Whether a PUT makes what is not there.
    public var isCreatedByUpdates = false
    /// The kind that objects of this one are stored as, where that is another one; else empty. (A value can't hold
    /// itself, an array of it can.)
    private var storedAs: [Kind] = []
    /// The tables that have its fields, and the name of its message in them.
    var tables = FieldTables.builtIn
    var message: String
    /// Whether bodies of it may name any apiVersion: those that go with requests about all groups.
    var isInEveryGroup = false
    /// Fields that its objects can be selected by, besides their names: `spec.nodeName`.
    var selectableFields: Set<String> = []

    /// Fills what the client left out, as the stock server's defaulting functions do.
    var fillDefaults: @Sendable (inout JSON) -> Void = { _ in }
    /// Sets up what a new object has before anyone writes its status.
    var start: @Sendable (inout JSON) -> Void = { _ in }
    /// Puts back what an update leaves as it was: the old object, the new one.
    var keepAtUpdate: @Sendable (JSON, inout JSON) -> Void = { _, _ in }
    /// Of the metadata, what a write to `status` leaves as it was, beside what the server itself sets.
    var metadataKeptByStatus: [String] = []
    /// For how many seconds a deleted object has time to end, unless the client says otherwise; nil: it goes at once,
    /// whatever the client says.
    public var gracePeriodSeconds: @Sendable (JSON) -> Int? = { _ in nil }
    /// What becomes of an object that is to go, and stays until its finalizers are done.
    public var markTerminating: @Sendable (inout JSON) -> Void = { _ in }
    /// What keeps a deleted object beside the finalizers in its metadata.
    public var isHeld: @Sendable (JSON) -> Bool = { _ in false }
    /// Whether what an object owns stays when it is deleted without a word about that.
    public var orphansByDefault = false
    /// Whether its objects hold addresses and ports that no other object may have: `spec.clusterIP`, `nodePort`.
    public var claimsAddresses = false
    /// What is wrong with an object, and which changes are forbidden.
    var rules = Rules()
    /// How names of this kind are restricted.
    var nameRule: NameRule = .subdomain
    /// Whether a change of the spec counts in metadata.generation.
    var hasGeneration = false
    /// What `kubectl get` shows.
    var printer: Printer = .nameAndAge
    var convertToStorage: @Sendable (JSON) -> JSON = { $0 }
    var convertFromStorage: @Sendable (JSON) -> JSON = { $0 }

    /// "v1", "apps/v1".
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    /// As error messages name it: `deployments.apps`, `pods`.
    public var qualifiedPlural: String { group.isEmpty ? plural : "\(plural).\(group)" }
    /// As validation messages name it: `Deployment.apps`, `Pod`.
    public var qualifiedKind: String { group.isEmpty ? kind : "\(kind).\(group)" }
    /// Whether it has a path; else it is only ever a body.
    public var isServed: Bool { !plural.isEmpty }
    public var hasStatus: Bool { subresources.contains { $0.name == "status" } }
    public var hasScale: Bool { subresources.contains { $0.name == "scale" } }

    /// The kind that objects of this one are stored as.
    public var storage: Kind { storedAs.first ?? self }

    /// This kind, stored as another one.
    func stored(
        as storage: Kind, from: @escaping @Sendable (JSON) -> JSON, to: @escaping @Sendable (JSON) -> JSON
    ) -> Kind {
        var kind = self
        (kind.storedAs, kind.convertFromStorage, kind.convertToStorage) = ([storage], from, to)
        return kind
    }

    public static let everyVerb = [
        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    ]

    /// - Parameters:
    ///   - apiVersion: `v1` or `apps/v1`.
    ///   - plural: as in paths; empty for what is only ever a body.
    public init(_ apiVersion: String, _ kind: String, _ plural: String) {
        let parts = apiVersion.pieces(between: "/")
        group = parts.count == 2 ? String(parts[0]) : ""
        version = String(parts[parts.count - 1])
        self.kind = kind
        self.plural = plural
        singular = kind.lowercased()
        message = kind
    }
}
