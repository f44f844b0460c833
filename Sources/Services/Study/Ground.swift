import Linux

/// What SwiftPM has to build before a lab can be checked: the modules that parts are linked with, and the
/// lab's judge. Nothing of the cluster is among it.
struct Ground {
    let kit: Kit

    /// Builds what is older than its sources; says so, since the first time takes seconds.
    func make(_ lab: Lab) throws {
        let judge = "\(kit.built)/check-\(lab.number)"
        guard try needsBuilding(judge, lab) else { return }
        printError("building the judge of lab \(lab.number) …")
        // Several labs checked at once must not start several builds in one directory.
        let result = try capture("swift", [
            "swift", "build", "--package-path", kit.root, "--scratch-path", kit.scratch,
            "--product", "check-\(lab.number)",
        ])
        guard result.ending.succeeded else {
            let said = String(decoding: result.output + result.errors, as: UTF8.self)
            let errors = said.split(separator: "\n").filter { $0.contains("error:") }
            throw StudyError(
                "the judge of lab \(lab.number) does not build, which is the kit's fault:\n"
                    + (errors.isEmpty ? said : errors.joined(separator: "\n")))
        }
        try Files.write("", to: stamp(lab))
    }

    private func stamp(_ lab: Lab) -> String { "\(kit.built)/check-\(lab.number).built" }

    private func needsBuilding(_ judge: String, _ lab: Lab) throws -> Bool {
        guard Files.exists(judge), Files.exists(stamp(lab)) else { return true }
        let sources = [
            "Package.swift", "Sources/Ground", "Sources/Values", "Sources/Contracts",
            "Sources/Services", "Tests/Checks/\(lab.folder)",
        ]
        let newer = try capture(
            "find",
            ["find"] + sources.map { "\(kit.root)/\($0)" }
                + ["-newer", stamp(lab), "-type", "f", "-print", "-quit"])
        return !newer.output.isEmpty
    }
}
