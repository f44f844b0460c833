/// What a suite, or the tour, found.
package struct Outcome {
    package var passed = 0
    package var failed = 0
    package var skipped: [Skipped] = []
    /// What to read where something failed.
    package var complaint = ""

    package init(
        passed: Int = 0, failed: Int = 0, skipped: [Skipped] = [], complaint: String = ""
    ) {
        (self.passed, self.failed) = (passed, failed)
        (self.skipped, self.complaint) = (skipped, complaint)
    }

    package mutating func add(_ other: Outcome) {
        passed += other.passed
        failed += other.failed
        skipped += other.skipped
        complaint += other.complaint
    }
}

/// A test that was not run, and why.
package struct Skipped: Equatable, CustomStringConvertible {
    package let name: String
    package let reason: String

    package init(name: String, reason: String) { (self.name, self.reason) = (name, reason) }

    package var description: String { "\(name): \(reason)" }
}
