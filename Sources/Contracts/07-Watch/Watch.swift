@_exported import Contract
import JSON

/// Lab 07: how many writers share one store without locks, and how readers keep up without asking
/// again and again.
///
/// Every change gets the next number of one counter, the *revision*. An object carries the revision
/// of its last change as `resourceVersion`. A writer says which one it read: a compare-and-swap. A
/// reader lists once, learns the list's revision and asks for all changes after it; what happened
/// in between is not lost, as long as the history reaches back that far.
///
/// Source: kubernetes.io/docs/reference/using-api/api-concepts, "Efficient detection of changes";
/// k8s.io/apiserver pkg/storage.
public protocol WatchContract: Sendable {
    /// Where a watch begins.
    ///
    /// - No revision, or 0: the objects as they are, each as an addition, then changes
    ///   (`.snapshot`).
    /// - With `sendInitialEvents`: the same, whatever the revision, and a mark where the changes
    ///   begin; not before the cache has come as far as the revision asked for.
    /// - Otherwise the changes after the revision (`.resume`), or `.gone` when the history doesn't
    ///   reach back that far: history holds every change *after* `oldest`, so `oldest` itself can
    ///   still be served.
    /// - A revision from the future is resumed from: its changes will come.
    func start(_ request: WatchRequestFacts) throws -> WatchStart

    /// Whether a write may go ahead: the object must still be as the writer read it.
    ///
    /// `expected` empty: the writer doesn't mind. `expectedUID` guards against an object of the
    /// same name that was deleted and made anew; it is looked at first.
    func mayWrite(_ write: WriteFacts) throws -> WriteVerdict

    /// What a watcher with a selector is told of a change: an object that comes to match is *added*
    /// for it, one that no longer matches is *deleted*, though it lives on; nil where it never
    /// matched.
    func told(_ change: ChangeFacts) throws -> WatchEventType?
}

/// The part of lab 07: the contract, made anew by the program that serves it.
public protocol WatchPart: Part, WatchContract {}

public struct WatchRequestFacts: Codable, Hashable, Sendable {
    /// What the client asked for; nil where it named none.
    public var revision: Int?
    public var sendInitialEvents: Bool
    /// All changes after this revision are remembered.
    public var oldest: Int

    public init(revision: Int?, sendInitialEvents: Bool = false, oldest: Int) {
        (self.revision, self.sendInitialEvents, self.oldest) = (revision, sendInitialEvents, oldest)
    }
}

public enum WatchStart: String, Codable, Hashable, Sendable {
    case snapshot
    /// As `snapshot`, and a mark where it ends.
    case snapshotWithMark
    case resume
    case gone
}

public struct WriteFacts: Codable, Hashable, Sendable {
    /// The resourceVersion that the writer read; empty for any.
    public var expected: String
    public var actual: String
    public var expectedUID: String
    public var actualUID: String

    public init(expected: String, actual: String, expectedUID: String = "", actualUID: String = "")
    {
        (self.expected, self.actual) = (expected, actual)
        (self.expectedUID, self.actualUID) = (expectedUID, actualUID)
    }
}

public enum WriteVerdict: String, Codable, Hashable, Sendable {
    case yes
    /// The object was changed since.
    case changed
    /// It is another object of the same name.
    case replaced
}

/// Whether a selector matched an object before a change and after it.
public struct ChangeFacts: Codable, Hashable, Sendable {
    /// False where there was no object.
    public var matchedBefore: Bool
    /// False where there is none any more.
    public var matchesNow: Bool

    public init(matchedBefore: Bool, matchesNow: Bool) {
        (self.matchedBefore, self.matchesNow) = (matchedBefore, matchesNow)
    }
}

public enum WatchEventType: String, Codable, Hashable, Sendable {
    case added = "ADDED"
    case modified = "MODIFIED"
    case deleted = "DELETED"
}
