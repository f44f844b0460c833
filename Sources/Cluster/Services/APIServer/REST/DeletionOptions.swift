import HTTPServing
import JSON
import Kinds
import Objects

/// What a client says about a deletion, in the body, the query, or both: the body's word first, the
/// query's where the body has none. A dry run asked for in either is one.
struct DeletionOptions: Sendable {
    /// What becomes of the objects that this one owns.
    enum Propagation: String, Sendable, CaseIterable {
        case orphan = "Orphan"
        case background = "Background"
        case foreground = "Foreground"
    }

    var gracePeriodSeconds: Int?
    var propagation: Propagation?
    /// Preconditions: the object has to have these; empty for any.
    var uid = ""
    var resourceVersion = ""
    var isDryRun = false

    /// From a DELETE.
    /// - Throws: 400 and 422 for what makes no sense.
    init(_ call: Call) throws {
        var body: JSON = [:]
        if !call.request.body.isEmpty {
            body = try Kind.deleteOptions.decode(
                call.request.body, contentType: call.request.header("content-type"),
                validation: .ignore
            ).object
        }
        try self.init(body, call.query)
    }

    /// - Parameter body: a DeleteOptions; empty where there was none.
    init(_ body: JSON, _ query: Query) throws(StatusError) {
        let seconds = try query.integer("gracePeriodSeconds")
        gracePeriodSeconds = body["gracePeriodSeconds"]?.int ?? seconds
        let orphans =
            body["orphanDependents"]?.bool
            ?? query["orphanDependents"].map { _ in query.flag("orphanDependents") }
        let policy = body["propagationPolicy"] ?? query["propagationPolicy"].map { .string($0) }
        propagation = try Self.propagation(policy, orphans)
        uid = body.at("preconditions", "uid")?.string ?? ""
        resourceVersion = body.at("preconditions", "resourceVersion")?.string ?? ""
        let isInBody = try asksForDryRun(body["dryRun"]?.array ?? [], "DeleteOptions")
        let isInQuery = try query.dryRun("DeleteOptions")
        isDryRun = isInBody || isInQuery
    }

    /// `orphanDependents` is the older way to say it, and can't be said beside the newer.
    private static func propagation(
        _ policy: JSON?, _ orphans: Bool?
    ) throws(StatusError) -> Propagation? {
        guard let policy else { return orphans.map { $0 ? .orphan : .background } }
        let known = Propagation(rawValue: policy.string ?? "")
        guard let known, orphans == nil else {
            throw .badOptions("DeleteOptions") { errors in
                if orphans != nil {
                    errors.invalid(
                        "propagationPolicy", policy,
                        "orphanDependents and deletionPropagation cannot be both set")
                }
                if known == nil {
                    errors.notSupported(
                        "propagationPolicy", policy, Propagation.allCases.map(\.rawValue) + ["nil"])
                }
            }
        }
        return known
    }
}

/// The object as the wish to delete it leaves it: with a time to die, a grace period and what waits
/// for dependents.
/// - Parameter now: seconds since 1970.
func markedForDeletion(_ object: JSON, kind: Kind, _ options: DeletionOptions, now: Int) -> JSON {
    var metadata = object["metadata"] ?? [:]
    let finalizers = finalizers(object.finalizers, options.propagation, of: kind)
    metadata["finalizers"] =
        finalizers.isEmpty ? JSON?.none : .array(finalizers.map { .string($0) })
    let grace = graceSeconds(object, kind: kind, options, now: now)
    let before =
        metadata["deletionTimestamp"]?.string == nil
        ? nil : metadata["deletionGracePeriodSeconds"]?.int ?? 0
    // A second request can shorten the grace period, never lengthen it.
    if before == nil || grace < before ?? 0 {
        metadata["deletionTimestamp"] = .string(Timestamp(seconds: now + grace).description)
        metadata["deletionGracePeriodSeconds"] = JSON(grace)
        if before == nil, let generation = metadata["generation"]?.int {
            metadata["generation"] = JSON(generation &+ 1)
        }
    }
    var marked = object
    marked["metadata"] = metadata
    kind.markTerminating(&marked)
    return marked
}

/// What the garbage collector has to do before the object may go, as finalizers. Who names no policy gets what the object's
/// finalizers say, else the kind's own: Jobs are older than garbage collection, and leave their pods.
/// Source: kubernetes, pkg/registry/batch/job/strategy.go, DefaultGarbageCollectionPolicy.
private func finalizers(
    _ present: [String], _ propagation: DeletionOptions.Propagation?, of kind: Kind
) -> [String] {
    let (orphan, foreground) = ("orphan", "foregroundDeletion")
    let others = present.filter { $0 != orphan && $0 != foreground }
    return switch propagation {
    case .foreground: others + [foreground]
    case .orphan: others + [orphan]
    case .background: others
    case nil where kind.orphansByDefault && others == present: others + [orphan]
    case nil: present
    }
}

/// The end lies before the year 10000: later ones can't be written as RFC 3339. A negative period is one second, as
/// in the stock server.
private func graceSeconds(
    _ object: JSON, kind: Kind, _ options: DeletionOptions, now: Int
) -> Int {
    guard let own = kind.gracePeriodSeconds(object) else { return 0 }
    let asked = options.gracePeriodSeconds ?? own
    return asked < 0 ? 1 : min(asked, secondsUntilTheLastTime(from: now))
}

/// From `now` to the last second of the year 9999.
func secondsUntilTheLastTime(from now: Int) -> Int { max(0, 253_402_300_799 - max(0, now)) }
