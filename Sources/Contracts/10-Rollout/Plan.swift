// What part 10 answers: the changes to make, and the numbers and conditions to report.

/// A ReplicaSet gets a new size. The controller also writes the annotation desired-replicas (the
/// Deployment's wanted number) and max-replicas (that and the surge); an entry with the size it has
/// is for the annotation's sake.
public struct Resize: Codable, Hashable, Sendable {
    public var name: String
    public var from: Int
    public var to: Int

    public init(_ name: String, from: Int, to: Int) {
        (self.name, self.from, self.to) = (name, from, to)
    }
}

/// The numbers of a Deployment's status.
public struct DeploymentNumbers: Codable, Hashable, Sendable {
    public var replicas: Int
    /// Pods of the new ReplicaSet.
    public var updated: Int
    public var ready: Int
    public var available: Int
    public var unavailable: Int

    public init(
        replicas: Int = 0, updated: Int = 0, ready: Int = 0, available: Int = 0,
        unavailable: Int = 0
    ) {
        (self.replicas, self.updated, self.ready) = (replicas, updated, ready)
        (self.available, self.unavailable) = (available, unavailable)
    }
}

/// A condition of the Deployment's status, all but its type. Times are seconds since 1970.
public struct RolloutCondition: Codable, Hashable, Sendable {
    /// `True`, `False` or `Unknown`.
    public var status: String
    public var reason: String
    public var message: String
    /// When progress was last seen: the deadline counts from here.
    public var lastUpdate: Int
    /// When `status` last changed.
    public var lastTransition: Int

    public init(
        status: String, reason: String, message: String, lastUpdate: Int, lastTransition: Int
    ) {
        (self.status, self.reason, self.message) = (status, reason, message)
        (self.lastUpdate, self.lastTransition) = (lastUpdate, lastTransition)
    }
}

/// What a Deployment does after a look: create, resize, renumber, delete, and write the status, in
/// this order.
public struct RolloutPlan: Codable, Hashable, Sendable {
    /// A ReplicaSet to be created, named `NAME-HASH`.
    public struct Creation: Codable, Hashable, Sendable {
        public var name: String
        public var templateHash: String
        public var replicas: Int
        public var revision: Int

        public init(name: String, templateHash: String, replicas: Int, revision: Int) {
            (self.name, self.templateHash) = (name, templateHash)
            (self.replicas, self.revision) = (replicas, revision)
        }
    }
    public struct Renumber: Codable, Hashable, Sendable {
        public var name: String
        public var revision: Int

        public init(_ name: String, revision: Int) { (self.name, self.revision) = (name, revision) }
    }
    public var create: Creation?
    public var resize: [Resize]
    /// The new ReplicaSet gets this revision number.
    public var renumber: Renumber?
    /// The Deployment's own annotation deployment.kubernetes.io/revision; nil while paused without
    /// a new set.
    public var revision: Int?
    /// Old, empty ReplicaSets beyond revisionHistoryLimit, the oldest revision first.
    public var delete: [String]
    public var status: DeploymentNumbers
    public var progressing: RolloutCondition?
    public var available: RolloutCondition?
    /// Look again after so many seconds though nothing was seen: a deadline passes by itself.
    public var againInSeconds: Int?

    public init(
        create: Creation? = nil, resize: [Resize] = [], renumber: Renumber? = nil,
        revision: Int? = nil,
        delete: [String] = [], status: DeploymentNumbers = DeploymentNumbers(),
        progressing: RolloutCondition? = nil, available: RolloutCondition? = nil,
        againInSeconds: Int? = nil
    ) {
        (self.create, self.resize, self.renumber) = (create, resize, renumber)
        (self.revision, self.delete, self.status) = (revision, delete, status)
        (self.progressing, self.available) = (progressing, available)
        self.againInSeconds = againInSeconds
    }
}
