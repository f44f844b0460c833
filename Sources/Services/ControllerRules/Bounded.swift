/// The largest number that a lab's part is told: 2^53, and for amounts of a resource 2^56.
///
/// Swift's `+` and `*` trap where the sum doesn't fit, and a part is written by a student. So what a user wrote
/// is held within bounds before a part sees it: the sum of a thousand such numbers fits, and so does one of them
/// times a hundred.
public enum PartBounds {
    /// Counts and seconds.
    public static let count = 1 << 31
    /// Millicores or bytes: 64 PiB.
    public static let amount = 1 << 56
    /// What one pod is measured to use, or asks for, where a part multiplies it: 1 TiB.
    public static let sample = 1 << 40
    /// Percent of something.
    public static let percent = 1 << 20
}

/// The nearest number within `-limit...limit`.
public func bounded(_ number: Int, _ limit: Int = PartBounds.count) -> Int {
    min(max(number, -limit), limit)
}

/// The nearest number within `0...limit`.
public func count(_ number: Int, _ limit: Int = PartBounds.count) -> Int {
    max(0, bounded(number, limit))
}

/// The sum of two amounts, held within what a part may be told.
public func boundedSum(_ one: Int, _ other: Int) -> Int {
    let (sum, overflow) = one.addingReportingOverflow(other)
    if overflow { return one > 0 ? PartBounds.amount : -PartBounds.amount }
    return bounded(sum, PartBounds.amount)
}
