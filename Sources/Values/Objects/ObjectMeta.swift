/// What every object carries: who it is, which version of it this is, who owns it.
public struct ObjectMeta: Codable, Hashable, Sendable {
    public var name = ""
    public var generateName: String?
    public var namespace: String?
    public var uid: String?
    /// Opaque to clients: the store's revision of the last change.
    public var resourceVersion: String?
    /// Counts changes of what is wanted (`spec`), not of `status`.
    @Count public var generation: Int?
    public var creationTimestamp: Timestamp?
    /// Set when deletion was asked for and something (a grace period, a finalizer) still holds the object.
    public var deletionTimestamp: Timestamp?
    @Seconds public var deletionGracePeriodSeconds: Int?
    public var labels: [String: String]?
    public var annotations: [String: String]?
    public var ownerReferences: [OwnerReference]?
    public var finalizers: [String]?

    public init(name: String = "", namespace: String? = nil) {
        (self.name, self.namespace) = (name, namespace)
    }

    enum CodingKeys: CodingKey {
        case name, generateName, namespace, uid, resourceVersion, generation
        case creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds
        case labels, annotations, ownerReferences, finalizers
    }

    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        // A pod template's metadata has no name.
        name = try members.decodeIfPresent(String.self, forKey: .name) ?? ""
        generateName = try members.decodeIfPresent(String.self, forKey: .generateName)
        namespace = try members.decodeIfPresent(String.self, forKey: .namespace)
        uid = try members.decodeIfPresent(String.self, forKey: .uid)
        resourceVersion = try members.decodeIfPresent(String.self, forKey: .resourceVersion)
        _generation = try members.decode(Count<Int?>.self, forKey: .generation)
        creationTimestamp = try members.decodeIfPresent(Timestamp.self, forKey: .creationTimestamp)
        deletionTimestamp = try members.decodeIfPresent(Timestamp.self, forKey: .deletionTimestamp)
        _deletionGracePeriodSeconds = try members.decode(
            Seconds<Int?>.self, forKey: .deletionGracePeriodSeconds)
        labels = try members.decodeIfPresent([String: String].self, forKey: .labels)
        annotations = try members.decodeIfPresent([String: String].self, forKey: .annotations)
        ownerReferences = try members.decodeIfPresent(
            [OwnerReference].self, forKey: .ownerReferences)
        finalizers = try members.decodeIfPresent([String].self, forKey: .finalizers)
    }

    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        if !name.isEmpty { try members.encode(name, forKey: .name) }
        try members.encodeIfPresent(generateName, forKey: .generateName)
        try members.encodeIfPresent(namespace, forKey: .namespace)
        try members.encodeIfPresent(uid, forKey: .uid)
        try members.encodeIfPresent(resourceVersion, forKey: .resourceVersion)
        try members.encodeIfPresent(generation, forKey: .generation)
        try members.encodeIfPresent(creationTimestamp, forKey: .creationTimestamp)
        try members.encodeIfPresent(deletionTimestamp, forKey: .deletionTimestamp)
        try members.encodeIfPresent(
            deletionGracePeriodSeconds, forKey: .deletionGracePeriodSeconds)
        try members.encodeIfPresent(labels, forKey: .labels)
        try members.encodeIfPresent(annotations, forKey: .annotations)
        try members.encodeIfPresent(ownerReferences, forKey: .ownerReferences)
        try members.encodeIfPresent(finalizers, forKey: .finalizers)
    }

    /// The one owner that manages this object, if there is one.
    public var controller: OwnerReference? { ownerReferences?.first { $0.controller == true } }
}

/// Who owns an object. At most one of its owners is its controller.
public struct OwnerReference: Codable, Hashable, Sendable {
    public var apiVersion: String
    public var kind: String
    public var name: String
    public var uid: String
    public var controller: Bool?
    public var blockOwnerDeletion: Bool?

    public init(
        apiVersion: String, kind: String, name: String, uid: String, controller: Bool? = nil,
        blockOwnerDeletion: Bool? = nil
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.controller = controller
        self.blockOwnerDeletion = blockOwnerDeletion
    }

    /// The reference by which `owner` controls what it creates.
    public init<Owner: KubernetesObject>(controller owner: Owner) {
        self.init(
            apiVersion: Owner.resource.apiVersion, kind: Owner.resource.kind,
            name: owner.metadata.name, uid: owner.metadata.uid ?? "", controller: true,
            blockOwnerDeletion: true)
    }
}

/// Which objects are meant, by their labels. Both parts must hold. Empty selects everything.
public struct LabelSelector: Codable, Hashable, Sendable {
    public var matchLabels: [String: String]?
    public var matchExpressions: [Requirement]?

    public init(matchLabels: [String: String]? = nil, matchExpressions: [Requirement]? = nil) {
        (self.matchLabels, self.matchExpressions) = (matchLabels, matchExpressions)
    }

    public struct Requirement: Codable, Hashable, Sendable {
        public var key: String
        /// `In`, `NotIn`, `Exists` or `DoesNotExist`.
        public var `operator`: String
        public var values: [String]?

        public init(key: String, operator: String, values: [String]? = nil) {
            (self.key, self.operator, self.values) = (key, `operator`, values)
        }
    }
}

/// One observation about an object's state: `Ready` is `True` since then, because of this.
public struct Condition: Codable, Hashable, Sendable {
    public var type: String
    /// `True`, `False` or `Unknown`.
    public var status: String
    public var reason: String?
    public var message: String?
    public var lastTransitionTime: Timestamp?
    public var lastUpdateTime: Timestamp?
    public var lastHeartbeatTime: Timestamp?
    public var lastProbeTime: Timestamp?

    public init(type: String, status: String, reason: String? = nil, message: String? = nil) {
        (self.type, self.status, self.reason, self.message) = (type, status, reason, message)
    }

    public var isTrue: Bool { status == "True" }
}
