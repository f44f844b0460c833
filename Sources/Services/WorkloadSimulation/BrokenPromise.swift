import Simulation

/// A simulated run that did not go as it must.
public struct BrokenPromise: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Promise: String, Hashable, Sendable {
        /// Fewer pods are available than replicas - unavailable.
        case enoughAvailable
        /// All sets together want more than replicas + surge.
        case notTooManyWanted
        /// A set has more pods than it was told to have.
        case notTooManyPods
        /// A set has fewer pods than it was told to have, and not because one was lost.
        case enoughPods
        /// All is as wanted after enough quiet time.
        case done
        /// Once all is as wanted, nothing more is written.
        case quiet
    }
    public var promise: Promise
    public var expected: String
    public var seen: String
    public var timeline: Timeline

    public var description: String {
        "expected \(expected), seen \(seen)\n\(timeline.text(last: 40))"
    }
}
