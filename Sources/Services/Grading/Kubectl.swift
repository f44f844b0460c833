import JSON
import Linux

/// The stock kubectl in a namespace that is made for one live check, and deleted after it.
public struct Kubectl: Sendable {
    let config: String
    public let namespace: String

    /// What kubectl said on standard error.
    public struct Refused: Error, CustomStringConvertible { public let description: String }

    /// Where it is missing, a live step says `environment`.
    public static let requirement = Requirement.command("kubectl", package: "kubernetes-client")

    /// - Parameters:
    ///   - config: the kubeconfig of a running cluster.
    ///   - prefix: the namespace's name begins so: `check-10`.
    ///   - body: works in a fresh namespace.
    public static func inNamespace(
        _ config: String, prefix: String, _ body: (Kubectl) throws -> Void
    ) throws {
        let kubectl = Kubectl(config: config, namespace: "\(prefix)-\(getpid())")
        try kubectl.run(["create", "namespace", kubectl.namespace])
        defer { _ = try? kubectl.run(["delete", "namespace", kubectl.namespace, "--wait=false"]) }
        try body(kubectl)
    }

    /// - Returns: what it printed.
    /// - Throws: `Refused` where it failed.
    @discardableResult
    public func run(_ arguments: [String], input: String = "") throws -> String {
        // `rollout status` is a long request, with a limit of its own.
        let limit = arguments.first == "rollout" ? [] : ["--request-timeout=15s"]
        let result = try capture(
            "kubectl",
            ["kubectl", "--kubeconfig", config, "-n", namespace] + limit + arguments,
            input: Array(input.utf8))
        guard result.ending.succeeded else {
            throw Refused(
                description: "kubectl \(arguments.joined(separator: " ")): "
                    + String(decoding: result.errors, as: UTF8.self))
        }
        return String(decoding: result.output, as: UTF8.self)
    }

    public func get(_ arguments: String...) throws -> JSON {
        try JSON(parsing: Array(run(["get"] + arguments + ["-o", "json"]).utf8))
    }

    /// - Parameter manifests: as YAML or JSON.
    public func apply(_ manifests: String) throws {
        var refusal: Refused?
        // A namespace's service account comes a moment after the namespace.
        let isDone = try eventually(seconds: 15) {
            do {
                try run(["apply", "-f", "-"], input: manifests)
                return true
            } catch let refused as Refused where refused.description.contains("serviceaccount") {
                refusal = refused
                return false
            }
        }
        if !isDone, let refusal { throw refusal }
    }

    /// Looks again and again until it holds.
    /// - Returns: whether it did in time.
    @discardableResult
    public func eventually(seconds: Int, _ condition: () throws -> Bool) rethrows -> Bool {
        try Linux.eventually(within: seconds * 1000, every: 200, condition)
    }
}
