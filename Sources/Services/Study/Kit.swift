import Grading
import JSON
import Linux

/// Where the kit's things are, for one who does the labs.
public struct Kit: Sendable {
    /// The tree, absolute.
    public let root: String

    public init(root: String) { self.root = root }

    /// The folders of all labs, in order: `01-Namespaces` …
    public var labs: [String] {
        ((try? Files.list("\(root)/Labs")) ?? [])
            .filter { Files.exists("\(root)/Labs/\($0)/lab.json") }.sorted()
    }

    /// - Parameter name: `10`, `10-Rollout`, `rollout`.
    /// - Throws: `StudyError`, which lists the labs there are.
    public func lab(_ name: String) throws -> Lab {
        let wanted = name.lowercased()
        let found = labs.first { folder in
            let number = folder.prefix(2)
            return wanted == number || "0" + wanted == number || wanted == folder.lowercased()
                || wanted == folder.dropFirst(3).lowercased()
        }
        guard let found else {
            throw StudyError(
                "there is no lab \"\(name)\"; the labs are \(labs.joined(separator: ", "))")
        }
        return Lab(folder: found, root: root)
    }

    /// How the student calls the launcher: `Labs/lab`, or `lab` where it is on the PATH.
    public var command: String { environmentVariable("DRYDOCK_COMMAND") ?? "Labs/lab" }

    /// What makes a shell know `lab` and `$DRYDOCK`, which the handouts say.
    var pasteLine: String {
        "export DRYDOCK=\(shellWord(root)) PATH=\(shellWord("\(root)/Labs")):\"$PATH\""
    }

    /// Which kit this is: the newest heading of Docs/Changelog.md, and the commit where there is one.
    public var version: String {
        let changes = (try? Files.readText("\(root)/Docs/Changelog.md")) ?? ""
        let heading = changes.split(separator: "\n").first { $0.hasPrefix("## ") }
        let number =
            heading?.split(separator: " ").dropFirst().first.map(String.init) ?? "of no version"
        let commit = try? capture("git", ["git", "-C", root, "rev-parse", "--short", "HEAD"])
        guard let commit, commit.ending.succeeded else { return number }
        return "\(number) (\(String(decoding: commit.output.dropLast(), as: UTF8.self)))"
    }

    /// The cluster's state directory.
    var state: String { environmentVariable("DRYDOCK_STATE") ?? "\(root)/.drydock" }

    /// The running cluster's kubeconfig.
    /// - Throws: `StudyError` where no cluster has written one.
    package func kubeconfig() throws -> String {
        let path = "\(state)/kubeconfig"
        guard Files.exists(path) else {
            throw StudyError("no cluster is up: \(command) up --mine NN boots one on your part")
        }
        return path
    }

    /// Where everything for the labs is built; `DRYDOCK_LABS_SCRATCH` names another place.
    public var scratch: String {
        environmentVariable("DRYDOCK_LABS_SCRATCH") ?? "\(root)/.build/labs"
    }
    /// What SwiftPM built there.
    public var built: String { "\(scratch)/debug" }
}

/// One lab's places.
public struct Lab: Sendable {
    /// `10-Rollout`
    public let folder: String
    package let root: String

    /// `10`
    public var number: String { String(folder.prefix(2)) }
    /// The module with the lab's contract: `ContractRollout`.
    var contract: String { "Contract\(folder.dropFirst(3))" }
    public var home: String { "\(root)/Labs/\(folder)" }
    public var solution: String { "\(root)/Solutions/\(folder)" }
    public var mutants: String { "\(root)/Tests/Mutants/\(folder)" }
    public func card() throws -> LabCard { try LabCard.read(folder: home) }
}

/// What went wrong, in words for the person at the keyboard.
public struct StudyError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
