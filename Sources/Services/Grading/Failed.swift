/// A property that does not hold: what a check throws.
public struct Failed: Error, Codable, Hashable, Sendable, CustomStringConvertible {
    /// What should have held, in words.
    public var claim: String
    public var expected: String?
    public var seen: String?
    /// The idea to go back to: a sentence that teaches, without giving the code away.
    public var idea: String
    public var timeline: Timeline?

    public init(
        _ claim: String, expected: String? = nil, seen: String? = nil, idea: String,
        timeline: Timeline? = nil
    ) {
        (self.claim, self.expected, self.seen) = (claim, expected, seen)
        (self.idea, self.timeline) = (idea, timeline)
    }

    public var description: String { claim }
}

/// Compares what the part answered with what is right.
/// - Parameters:
///   - claim: what should hold, with the numbers of the case: `maxSurge 25% of 3 pods`.
///   - idea: what to go back to where it doesn't.
public func expect<Value: Equatable>(
    _ seen: Value, is expected: Value, _ claim: @autoclosure () -> String,
    idea: @autoclosure () -> String
) throws {
    guard seen != expected else { return }
    throw Failed(claim(), expected: plain(expected), seen: plain(seen), idea: idea())
}

/// Fails the step unless a condition holds.
/// - Parameter seen: what there was instead.
public func require(
    _ condition: Bool, _ claim: @autoclosure () -> String, seen: @autoclosure () -> String? = nil,
    idea: @autoclosure () -> String
) throws {
    if !condition { throw Failed(claim(), seen: seen(), idea: idea()) }
}

/// As a person would write it: no `Optional(…)`, no module names.
func plain(_ value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
        return mirror.children.first.map { plain($0.value) } ?? "nothing (nil)"
    }
    return value is String ? "\"\(value)\"" : "\(value)"
}
