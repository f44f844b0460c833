import JSON
import Linux

/// The stock kubectl, pointed at this cluster.
public struct Kubectl {
    package let path: String
    package let kubeconfig: String

    public init(_ path: String, _ layout: Layout) {
        (self.path, kubeconfig) = (path, layout.kubeconfig)
    }

    /// - Returns: what it printed.
    /// - Throws: what it said on standard error, where it failed.
    @discardableResult
    public func callAsFunction(_ words: String..., input: String = "") throws -> String {
        try run(words, input: input)
    }

    /// The same with `-o json`, parsed.
    public func json(_ words: String...) throws -> JSON {
        try JSON(parsing: run(words + ["-o", "json"]))
    }

    @discardableResult
    public func run(_ words: [String], input: String = "") throws -> String {
        let result = try capture(
            path, [path, "--kubeconfig", kubeconfig] + words, input: Array(input.utf8))
        guard result.ending.succeeded else {
            throw LauncherError(
                "kubectl \(words.joined(separator: " ")): "
                    + String(decoding: result.errors, as: UTF8.self))
        }
        return String(decoding: result.output, as: UTF8.self)
    }
}
