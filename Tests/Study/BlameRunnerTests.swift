import Linux
import Testing

@testable import Study

/// The search with everything but a cluster: a launcher and a kubectl that only know which parts were asked for.
@Suite struct BlameRunnerTests {
    /// - Parameter bad: a shell pattern for the parts, `*10*`, with which a rollout never ends.
    private func kit(failingWith bad: String) throws -> SmallKit {
        let small = try SmallKit()
        let state = "\(small.root)/.drydock"
        try Files.makeDirectories("\(state)/tools")
        try Files.makeDirectories("\(state)/blame/logs")
        try Files.write(
            """
            #!/bin/sh
            echo "$@" >> \(small.root)/calls
            case $1 in
            up) shift; echo "$*" > \(state)/blame/mine ;;
            down) rm -f \(state)/blame/mine ;;
            esac
            """, to: "\(small.root)/Labs/lab", mode: 0o755)
        try Files.write(
            """
            #!/bin/sh
            case "$*" in
            *jsonpath*readyReplicas*) printf 4 ;;
            *"rollout status"*)
                case $(cat \(state)/blame/mine) in
                \(bad))
                    echo "lab 10, your part: step 10.2 is not written yet" > \(state)/blame/logs/rollout.log
                    exit 1 ;;
                esac ;;
            esac
            """, to: "\(state)/tools/kubectl", mode: 0o755)
        return small
    }

    private func run(_ labs: [String], failingWith bad: String) throws -> (
        fine: Bool, said: String, calls: String
    ) {
        let small = try kit(failingWith: bad)
        defer { small.remove() }
        let output = "\(small.root)/output"
        let file = try FileDescriptor.open(output, O_WRONLY | O_CREAT | O_TRUNC)
        let fine = try Blame(kit: small.kit, screen: Screen(descriptor: file.raw)).run(labs)
        return (fine, try Files.readText(output), try Files.readText("\(small.root)/calls"))
    }

    @Test func aPartThatBreaksTheClusterIsNamedWithWhatItsComponentSays() throws {
        let result = try run(["10"], failingWith: "*10*")
        #expect(!result.fine)
        #expect(result.said.contains("It is lab 10 (Small)."))
        #expect(result.said.contains("rollout.log: lab 10, your part: step 10.2"))
        #expect(result.said.contains("works  the reference alone"))
        // Every cluster that was booted was taken down again.
        let last = result.calls.split(separator: "\n").last
        #expect(last == "down --purge --force")
        #expect(result.calls.split(separator: "\n").count { $0.hasPrefix("up ") } == 2)
    }

    @Test func aClusterThatWorksBlamesNobody() throws {
        let result = try run(["10"], failingWith: "nothing")
        #expect(result.fine)
        #expect(result.said.contains("the cluster works"))
    }

    @Test func aReferenceThatFailsIsNotTheStudentsFault() throws {
        let result = try run(["10"], failingWith: "*")
        #expect(!result.fine)
        #expect(result.said.contains("no part of yours is to blame"))
    }
}
