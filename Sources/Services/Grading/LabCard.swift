import JSON
import Linux

/// A lab's card, `lab.json`: what it is called, what it takes, and its steps with their hints.
public struct LabCard: Codable, Sendable {
    public struct Step: Codable, Sendable {
        /// `10.3`
        public var number: String
        /// One sentence that states the property.
        public var title: String
        public var points: Int
        /// Steps without which nothing can be said about this one.
        public var needs: [String]
        /// `simulated` (values only), `kernel` (the real kernel, in throwaway namespaces), `cluster`
        /// (a running one: `--live`), `open` (the student's tests), `essay` (for a person to read).
        public var kind: Kind
        /// The file with the step's hole.
        public var file: String?
        /// Four: a question, the concept, the place to look, nearly the code.
        public var hints: [String]
    }
    public enum Kind: String, Codable, Sendable { case simulated, kernel, cluster, open, essay }

    /// `10`
    public var number: String
    public var title: String
    /// What the lab leads to, in one sentence.
    public var summary: String
    public var minutes: Int
    /// Its share of a course, in percent: a proposal.
    public var weight: Int
    public var steps: [Step]

    /// - Parameter folder: `Labs/10-Rollout`, absolute.
    public static func read(folder: String) throws -> LabCard {
        let path = "\(folder)/lab.json"
        do {
            return try JSON(parsing: Array(try Files.readText(path).utf8)).decode(LabCard.self)
        } catch { throw CardError(description: "\(path): \(error)") }
    }

    public func step(_ number: String) -> Step? { steps.first { $0.number == number } }
    public var points: Int { steps.map(\.points).reduce(0, +) }
}

struct CardError: Error, CustomStringConvertible { let description: String }
