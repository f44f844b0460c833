import Linux
import PartPipe

/// What SwiftPM has to build before a lab can be checked: the modules that parts are linked with, and the
/// lab's judge. Nothing of the cluster is among it.
package struct Ground {
    let kit: Kit
    let screen: Screen

    package init(kit: Kit, screen: Screen) { (self.kit, self.screen) = (kit, screen) }

    /// Builds what is older than its sources; says so, since the first time takes seconds.
    ///
    /// With `DRYDOCK_BUILD=no` nothing is built, whatever its age.
    package func make(_ lab: Lab) throws {
        try make(
            "check-\(lab.number)",
            [
                "Package.swift", "Sources/Ground", "Sources/Values", "Sources/Contracts",
                "Sources/Services", "Tests/Checks/\(lab.folder)",
            ])
    }

    /// A program of the light package, in debug, such as `namespaces`.
    /// - Returns: its path.
    func program(_ name: String) throws -> String {
        try make(name, ["Package.swift", "Sources", "Solutions"])
        return "\(kit.built)/\(name)"
    }

    private func make(_ product: String, _ sources: [String]) throws {
        if environmentVariable("DRYDOCK_BUILD") == "no", Files.exists("\(kit.built)/\(product)") {
            return
        }
        guard try needsBuilding(product, sources) else { return }
        try Files.makeDirectories(kit.scratch)
        // Several at once must not meet in one directory.
        let turn = try Turn.take("\(kit.scratch)/build.lock") {
            screen.moving("waiting for another build")
        }
        guard try needsBuilding(product, sources) else { return turn.end() }
        let isFirst = !Files.exists("\(kit.built)/\(product)")
        screen.moving(
            "building \(product)" + (isFirst ? ", which takes some seconds the first time" : ""))
        let began = stamp(product) + ".new"
        try Files.makeDirectories(kit.built)
        // The stamp bears the time at which the build began, so that an edit made meanwhile counts as newer.
        try Files.write("", to: began)
        let result = try capture(
            "swift",
            ["swift", "build", "--package-path", kit.root, "--scratch-path", kit.scratch]
                + Self.quick + ["--product", product])
        guard result.ending.succeeded else {
            if Interruption.came { throw Interrupted() }
            let said = String(decoding: result.output + result.errors, as: UTF8.self)
            let errors = said.split(separator: "\n").filter { $0.contains("error:") }
            throw StudyError(
                "\(product) does not build, which is the kit's fault:\n"
                    + (errors.isEmpty ? said : errors.joined(separator: "\n")))
        }
        try check("rename \(began)") { rename(began, stamp(product)) }
        turn.end()
    }

    /// What leaves out a fifth of the work: no index for editors, no debugging information. Labs/lab says the same.
    /// Who builds in a place of his own (`DRYDOCK_LABS_SCRATCH`) does so by hand too, and without.
    private static var quick: [String] {
        environmentVariable("DRYDOCK_LABS_SCRATCH") == nil
            ? ["--disable-index-store", "-Xswiftc", "-gnone"] : []
    }

    private func stamp(_ product: String) -> String { "\(kit.built)/\(product).built" }

    private func needsBuilding(_ product: String, _ sources: [String]) throws -> Bool {
        guard Files.exists("\(kit.built)/\(product)"), Files.exists(stamp(product)) else {
            return true
        }
        let newer = try capture(
            "find",
            ["find"] + sources.map { "\(kit.root)/\($0)" }
                + ["-newer", stamp(product), "-type", "f", "-print", "-quit"])
        return !newer.output.isEmpty
    }
}
