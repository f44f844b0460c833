import Grading
import JSON
import Linux
import Testing

@testable import Study

extension SmallKit {
    /// Makes the small lab one that can be checked: all that a check would build is there, and the judge is a shell
    /// script that goes by what stands in the student's files.
    /// - Parameter judge: prints the verdicts, one line of JSON each.
    func makeCheckable(judge: String) throws {
        try write(
            "#!/bin/sh\nsecret=$(head -c 32 <&3)\n\(judge)\necho ${secret}end\n",
            to: ".build/labs/debug/check-10",
            mode: 0o755)
        for module in ["CLinux", "Linux", "JSON", "Contract", "ContractSmall", "PartPipe"] {
            try Files.makeDirectories("\(kit.built)/\(module).build")
        }
        try write("", to: "Sources/Programs/Parts/10/main.swift")
        try write("What is asked.\n", to: "Sources/Contracts/10-Small/Small.swift")
        try write("**Predict:** how many?\n\n", to: "Labs/10-Small/README.md")
        try write(Self.compiler, to: "tools/swiftc", mode: 0o755)
    }

    /// A compiler that makes an empty program of anything.
    private static let compiler = """
        #!/bin/sh
        for word; do [ "$last" = -o ] && program=$word; last=$word; done
        : > "$program" && chmod +x "$program"

        """

    func write(_ text: String, to path: String, mode: mode_t = 0o644) throws {
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        try Files.makeDirectories("\(root)/\(folder)")
        try Files.write(text, to: "\(root)/\(path)", mode: mode)
    }

    /// One line of a judge's, as a command of the shell.
    static func verdict(_ step: String, _ verdict: Verdict, _ message: String = "") -> String {
        var report = StepReport(step, verdict, message)
        if verdict == .fail { (report.expected, report.seen) = ("1", "2 < 3") }
        let line = (try? JSON(encoding: report).text) ?? ""
        return "echo $secret'\(line)'"
    }

    /// The real program `study` on this kit.
    /// - Parameters:
    ///   - onTerminal: as one who sits at a terminal of 80 columns, typing `input`.
    func study(
        _ words: [String], onTerminal: Bool = false, input: String = "", _ more: [String] = []
    ) throws -> (code: Int32, output: String, errors: String) {
        let environment = [
            "PATH=\(root)/tools:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "DRYDOCK_ROOT=\(root)", "DRYDOCK_BUILD=no", "TERM=xterm",
            "DRYDOCK_COMMAND=lab",
        ]
        var call = ["env", "-i"] + environment + more + [Self.program] + words
        if onTerminal {
            let line = call.map { "'\($0)'" }.joined(separator: " ")
            call = ["script", "-qec", line, "/dev/null"]
        }
        let result = try capture(call[0], call, input: Array(input.utf8))
        return (
            result.ending.code, String(decoding: result.output, as: UTF8.self),
            String(decoding: result.errors, as: UTF8.self)
        )
    }

    /// What the package's build made, beside the test's own.
    static let program: String = {
        let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }
        let folders = bundles.map { $0.split(separator: "/").dropLast().joined(separator: "/") }
        return folders.map { "/\($0)/study" }.first { Files.exists($0) } ?? "study"
    }()
}
