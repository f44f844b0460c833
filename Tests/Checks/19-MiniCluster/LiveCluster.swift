import Grading
import JSON
import Launcher
import Linux

/// The running cluster, as its user reaches it: through kubectl and through `lab`.
struct LiveCluster {
    let root: String
    let state: String
    private let kubectl: String

    /// - Throws: `Failed` where no cluster runs.
    init() throws {
        guard let root = environmentVariable("DRYDOCK_ROOT") else {
            throw ClusterTrouble("DRYDOCK_ROOT is not set: call this through Labs/lab")
        }
        self.root = root
        state = Layout(root: root, state: environmentVariable("DRYDOCK_STATE")).state
        let own = "\(state)/tools/kubectl"
        kubectl = Files.exists(own) ? own : "kubectl"
        guard try RunningDock.find(Layout(root: root, state: state)) != nil else {
            throw Failed(
                "a cluster is running", seen: "none with the state directory \(state)",
                idea: "Labs/lab up --mine 01,02,03,06,09,10,14,17")
        }
    }

    /// The cluster's processes, found in /proc.
    func processes() throws -> Processes { try Processes(state: state) }

    /// What a command printed, and how it went.
    struct Result {
        let output: String
        let errors: String
        let succeeded: Bool
        var text: String { output + errors }

        init(_ result: (ending: Child.Ending, output: [UInt8], errors: [UInt8])) {
            output = String(decoding: result.output, as: UTF8.self)
            errors = String(decoding: result.errors, as: UTF8.self)
            succeeded = result.ending.succeeded
        }
    }

    func kubectl(_ words: [String], input: String = "") throws -> Result {
        let call = ["kubectl", "--kubeconfig", "\(state)/kubeconfig", "--request-timeout=20s"]
        return Result(try capture(kubectl, call + words, input: Array(input.utf8)))
    }

    /// `Labs/lab` with these words, at most ten seconds.
    func lab(_ words: [String]) throws -> Result {
        Result(try capture("timeout", ["timeout", "10", "\(root)/Labs/lab"] + words))
    }

    func apply(_ manifest: String) throws {
        let result = try kubectl(["apply", "-f", "-"], input: manifest)
        if !result.succeeded { throw ClusterTrouble("kubectl apply: \(result.text)") }
    }

    func json(_ words: String...) throws -> JSON {
        let result = try kubectl(words + ["-o", "json"])
        guard result.succeeded else { throw ClusterTrouble("kubectl: \(result.text)") }
        return try JSON(parsing: Array(result.output.utf8))
    }

    /// Looks again every 200 ms until the condition holds.
    /// - Returns: whether it did within the time.
    func wait(seconds: Int, for condition: () throws -> Bool) throws -> Bool {
        try eventually(within: seconds * 1000, every: 200, condition)
    }
}

/// The cluster did not do what the judge needed of it.
struct ClusterTrouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
