import ArgumentParser
import Benchmarks
import Launcher
import Linux
import Tour

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "A told tour of the cluster that asserts what it tells.",
        discussion: "EXAMPLE\n  Labs/lab up && Labs/lab demo")

    func run() throws {
        try reporting { layout, terminal in
            if try !Demo(layout, terminal).run() { throw ExitCode(1) }
        }
    }
}

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "What this machine can run, and what is missing.",
        discussion: "EXAMPLE\n  Labs/lab doctor")

    func run() throws {
        try reporting { if try !Doctor($0, $1).run() { throw ExitCode(1) } }
    }
}

struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "The kit's proof of itself, suite by suite.",
        discussion: """
            EXAMPLES
              Labs/lab test            everything but the long ones
              Labs/lab test labs       one suite by name
              Labs/lab test long       what takes long: seeds, variants, drills and v2
            """)

    @Argument(
        help:
            "build, unit, labs, handouts, cluster, demo, peers, parts, live, verbs, bad-input or leaves-nothing; all of these without one; seeds, variants, drills, v2, or long for these four."
    )
    var suite: String?

    func run() throws {
        // The suites are a program of their own: who only uses the kit neither compiles nor starts them.
        try reporting { layout, terminal in
            if environmentVariable("DRYDOCK_BUILD") != "no" {
                try Build(layout, terminal).product("suites")
            }
            try become([layout.program("suites")] + (suite.map { [$0] } ?? []))
        }
    }
}

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures the figures of the design, beside peers.",
        discussion: "EXAMPLE\n  Labs/lab bench memory")

    @Argument(
        help:
            "A figure: up, rollout, memory, apiserver, store, dnat, simulation, loop or runtime; all, and the page Docs/Figures.md, without one."
    )
    var name: String?

    func run() throws {
        try reporting { layout, terminal in
            if try !Bench(layout, terminal).run(only: name) { throw ExitCode(1) }
        }
    }
}
