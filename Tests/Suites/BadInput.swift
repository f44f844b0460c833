import Launcher
import Linux
import Tour

/// What a user types, sends or breaks gets a clear answer and loses nothing: the design's "Bad input", line
/// by line, on one live cluster.
struct BadInput {
    let layout: Layout
    let terminal: Terminal
    /// The very program that runs this test.
    let lab: String

    struct Case: Sendable {
        let name: String
        let run: @Sendable (BadInput) throws -> Void
    }

    /// The first boots the cluster that the others use; the last ones need clusters of their own.
    static let cases =
        bootCases + commandCases + manifestCases + wallCases + failureCases + restartCases
        + hostCases + userCases

    init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
        lab = layout.program("lab")
    }

    func outcome(_ cases: [Case] = Self.cases) -> Outcome {
        var outcome = Outcome()
        for test in cases {
            let began = Clock.monotonicMilliseconds()
            do {
                try test.run(self)
                outcome.passed += 1
                let milliseconds = Clock.monotonicMilliseconds() - began
                terminal.say("   \(terminal.green("held")) \(test.name) (\(milliseconds) ms)")
            } catch let skip as Skip {
                outcome.skipped.append(Skipped(name: test.name, reason: skip.reason))
                terminal.say("   skipped \(test.name): \(skip.reason)")
            } catch {
                outcome.failed += 1
                outcome.complaint += "\(test.name): \(error)\n"
                terminal.say("   \(terminal.red("did not hold")) \(test.name): \(error)")
            }
        }
        return outcome
    }

    /// Thrown by a case that can't be tried here.
    struct Skip: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    // What a command said.

    struct Said {
        let status: Int32
        let output: String
        let errors: String

        func expect(status wanted: Int32, errors exact: String) throws {
            guard status == wanted, errors == exact + "\n" else {
                throw LauncherError(
                    "status \(wanted) and \"\(exact)\" expected; status \(status) came, with:\n"
                        + errors + output)
            }
        }

        func expect(status wanted: Int32, saying words: String...) throws {
            let all = output + errors
            for word in words where status != wanted || !all.contains(word) {
                throw LauncherError(
                    "status \(wanted) and \"\(word)\" expected; status \(status) came, with:\n\(all)"
                )
            }
        }
    }

    func lab(_ words: String..., state: String? = nil) throws -> Said {
        try run(labCommand(words, state: state))
    }

    func labCommand(_ words: [String], state: String? = nil) -> [String] {
        ["env", "DRYDOCK_STATE=\(state ?? layout.state)", lab] + words
    }

    /// Stock kubectl, whatever comes of it.
    func kubectl(_ words: String..., input: String = "", state: String? = nil) throws -> Said {
        let program = try Setup(layout, terminal).kubectl()
        let config = "\(state ?? layout.state)/kubeconfig"
        return try run([program, "--kubeconfig", config] + words, input: input)
    }

    func run(_ words: [String], input: String = "") throws -> Said {
        let result = try capture(words[0], words, input: Array(input.utf8))
        return Said(
            status: result.ending.code, output: String(decoding: result.output, as: UTF8.self),
            errors: String(decoding: result.errors, as: UTF8.self))
    }

    func stage() throws -> Stage { try Stage(layout, terminal, cleaning: false) }

    func expect(_ holds: Bool, _ sentence: @autoclosure () -> String) throws {
        if !holds { throw LauncherError(sentence()) }
    }

    /// Another cluster on the same host, with a state directory of its own.
    func withState<Result>(_ name: String, _ body: (Layout) throws -> Result) throws -> Result {
        let other = Layout(root: layout.root, state: "\(layout.state)-\(name)")
        let quiet = { try Down(other, Terminal(isQuiet: true)).run(force: true, purge: true) }
        try quiet()
        defer {
            try? quiet()
            try? Files.removeTree(other.state)
        }
        return try body(other)
    }
}

extension ClusterTest {
    /// Every line of "Bad input", on a cluster that the first case boots.
    func badInput() throws -> Outcome {
        let down = Down(layout, terminal)
        try down.run(force: true, purge: true)
        let outcome = BadInput(layout, terminal).outcome()
        if outcome.failed > 0 { keepLogs() }
        try down.run(force: true, purge: true)
        return outcome
    }
}
