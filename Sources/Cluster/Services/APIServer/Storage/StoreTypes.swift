import Kinds

/// A value in the store, with the revision of its last change.
package struct Stored: Sendable {
    var key: String
    var value: [UInt8]
    var revision: Int

    package init(key: String, value: [UInt8], revision: Int) {
        (self.key, self.value, self.revision) = (key, value, revision)
    }
}

/// What a conditional write did.
enum WriteOutcome: Sendable {
    /// Done, at this revision.
    case done(revision: Int)
    /// Not done: something else is there now (nil: nothing).
    case refused(current: Stored?)
}

/// One page of a range of keys.
struct StoredPage: Sendable {
    var items: [Stored]
    /// More keys follow in the range.
    var more: Bool
    /// The keys in the range from the page's start on, whatever the limit.
    var count: Int
    /// The store's revision when it answered.
    var revision: Int
}

/// Why the store gave no answer that can be used.
enum StoreError: Error, Sendable {
    /// No member answered in time; the text says what the last one said.
    case unavailable(seconds: Int, lastWords: String)
    /// The revision asked for is compacted away.
    case compacted
    /// The store refuses: no space, for one.
    case refused(String)
}

extension StoreError {
    /// As the client is told.
    var status: StatusError {
        switch self {
        case .unavailable(let seconds, let words):
            StatusError(
                code: 504, reason: "Timeout",
                message: "Timeout: the store did not answer within \(seconds) s; "
                    + "has it lost its quorum? last error: \(words)")
        case .compacted:
            .expired(
                "The provided continue parameter is too old to display a consistent list result. "
                    + "You must start a new list without the continue parameter.")
        case .refused(let text):
            .internalError("the store refused: \(text)")
        }
    }
}
