import Grading
import JSON
import Linux

/// The stock kubectl, in a namespace that is made for one check and deleted after it.
struct Kubectl {
    let config: String
    let namespace: String

    struct Refused: Error, CustomStringConvertible { let description: String }

    /// - Parameter body: works in a fresh namespace.
    static func inNamespace(_ config: String, _ body: (Kubectl) throws -> Void) throws {
        let kubectl = Kubectl(
            config: config, namespace: "check-09-\(getpid())-\(Clock.monotonicMilliseconds())")
        try kubectl.run(["create", "namespace", kubectl.namespace])
        defer { _ = try? kubectl.run(["delete", "namespace", kubectl.namespace, "--wait=false"]) }
        try body(kubectl)
    }

    /// - Returns: what it printed.
    @discardableResult
    func run(_ arguments: [String], input: String = "") throws -> [UInt8] {
        let result = try capture(
            "kubectl",
            ["kubectl", "--kubeconfig", config, "--request-timeout=10s", "-n", namespace]
                + arguments,
            input: Array(input.utf8))
        guard result.ending.succeeded else {
            throw Refused(
                description: "kubectl \(arguments.joined(separator: " ")): "
                    + String(decoding: result.errors, as: UTF8.self))
        }
        return result.output
    }

    func get(_ arguments: String...) throws -> JSON {
        try JSON(parsing: try run(["get"] + arguments + ["-o", "json"]))
    }

    func apply(_ object: JSON) throws {
        let text = String(decoding: object.bytes, as: UTF8.self)
        // A namespace's service account comes a moment after the namespace.
        try eventually(seconds: 15) {
            do {
                try run(["apply", "-f", "-"], input: text)
                return true
            } catch let refused as Refused {
                if refused.description.contains("serviceaccount") { return false }
                throw refused
            }
        }
    }

    /// Looks again and again until it holds.
    /// - Returns: whether it did in time.
    @discardableResult
    func eventually(seconds: Int, _ condition: () throws -> Bool) rethrows -> Bool {
        let end = Clock.monotonicMilliseconds() + seconds * 1000
        while Clock.monotonicMilliseconds() < end {
            if try condition() { return true }
            usleep(200_000)
        }
        return try condition()
    }
}
