import Linux
import PartPipe

/// Makes a part's program out of a folder of a few Swift files: the student's, the reference, a mutant of it.
///
/// SwiftPM takes more than a second to find out what one edited file means for the whole package; the compiler
/// itself, given the lab's files and the modules that SwiftPM built before, is done in half of that.
///
/// The files are read once, into a fresh directory, and compiled there. A program is used again only where all that it
/// would be made of, byte for byte, is what it was made of: no time of a file is believed.
public struct PartBuilder: Sendable {
    let kit: Kit

    public init(_ kit: Kit) { self.kit = kit }

    /// The modules that a part's program is linked with.
    private static func modules(_ lab: Lab) -> [String] {
        ["CLinux", "Linux", "JSON", "Contract", lab.contract, "PartPipe"]
    }

    /// How often files that were saved while they were compiled are read again.
    private static let attempts = 5
    /// How many programs of one name stay: somebody may still be running the last ones.
    private static let kept = 3

    /// Builds what changed.
    /// - Parameters:
    ///   - sources: the folder with the part's files.
    ///   - name: what the program is called below the scratch directory: `mine/10`.
    ///   - debuggable: whether a debugger is to find its way through it.
    ///   - strict: whether a warning is an error.
    /// - Returns: the program's path, which stays this program's as long as it is there.
    /// - Throws: `HandIn.Refused`, `CompilerErrors`; `MachineFault` where nothing of it is the part's fault.
    public func build(
        _ lab: Lab, sources: String, as name: String, debuggable: Bool = false,
        strict: Bool = false
    ) throws -> String {
        let needed = try Starter(lab: lab).files()
        for _ in 1..<Self.attempts {
            let files = try HandIn(folder: sources, needed: needed)
            do { return try build(lab, files, name, debuggable: debuggable, strict: strict) } catch
            {
                // A save in the middle of it: what was read may be half of a file, or files that don't belong together.
                guard error is CompilerErrors, try HandIn(folder: sources, needed: needed) != files
                else { throw error }
            }
        }
        let files = try HandIn(folder: sources, needed: needed)
        return try build(lab, files, name, debuggable: debuggable, strict: strict)
    }

    private func build(
        _ lab: Lab, _ handIn: HandIn, _ name: String, debuggable: Bool, strict: Bool
    ) throws -> String {
        let objects = try self.objects(of: lab)
        let main = try mainProgram(given(lab))
        let recipe = recipe(handIn, main, objects, debuggable: debuggable, strict: strict)
        let home = "\(kit.scratch)/parts/\(name)"
        let current = "\(home)/part-\(lab.number)"
        if let program = Files.linkTarget(current), Files.exists(program),
            (try? Files.read("\(program).recipe")) == recipe
        {
            return program
        }
        // Nobody else's: other hand-ins, the reference and wrong parts lie here too.
        try Files.makeDirectories("\(kit.scratch)/parts")
        chmod("\(kit.scratch)/parts", 0o700)
        try Files.makeDirectories(home)
        let work = try Files.makeTemporaryDirectory(prefix: "\(home)/build-")
        do {
            for file in handIn.files { try Self.write(file.bytes, to: "\(work)/\(file.name)") }
            try Files.write(main, to: "\(work)/main.swift")
            let files = (handIn.files.map(\.name) + ["main.swift"]).map { "\(work)/\($0)" }
            let program = "\(work)/part-\(lab.number)"
            try Compiler(moduleCache: "\(kit.scratch)/ModuleCache").run(
                arguments(files, objects, program, debuggable: debuggable)
                    + (strict ? ["-warnings-as-errors"] : []))
            try Self.write(recipe, to: "\(program).recipe")
            try point(current, to: program)
            try forgetOld(home, but: work)
            return program
        } catch {
            try? Files.removeTree(work)
            throw error
        }
    }

    /// Builds a program of the kit's own files, whatever their size.
    /// - Parameters:
    ///   - sources: the folder with the files, which gets the main program too.
    ///   - secondsMax: how long the compiler may work.
    /// - Throws: as `build(_:sources:as:)`.
    package func build(_ lab: Lab, generated sources: String, to program: String, secondsMax: Int)
        throws
    {
        try Files.write(try mainProgram(given(lab)), to: "\(sources)/main.swift")
        let files = try Files.list(sources).filter { $0.hasSuffix(".swift") }.sorted()
        let compiler = Compiler(moduleCache: "\(kit.scratch)/ModuleCache", seconds: secondsMax)
        try compiler.run(
            arguments(
                files.map { "\(sources)/\($0)" }, try objects(of: lab), program, debuggable: false))
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL).write(bytes)
    }

    private func point(_ link: String, to program: String) throws {
        let fresh = "\(link).\(getpid())"
        unlink(fresh)
        try check("link \(fresh)") { symlink(program, fresh) }
        try check("rename \(fresh)") { rename(fresh, link) }
    }

    private func forgetOld(_ home: String, but work: String) throws {
        let builds = try Files.list(home).filter { $0.hasPrefix("build-") }.map { "\(home)/\($0)" }
        let old = builds.filter { $0 != work }.sorted {
            (Files.modified($0) ?? 0) > (Files.modified($1) ?? 0)
        }
        for build in old.dropFirst(Self.kept - 1) { try? Files.removeTree(build) }
    }

    /// All that a program is made of, as bytes.
    private func recipe(
        _ handIn: HandIn, _ main: String, _ objects: [String], debuggable: Bool, strict: Bool
    ) -> [UInt8] {
        var recipe = Array("\(debuggable) \(strict)\n\(main)\n".utf8)
        for object in objects { recipe += Array("\(object) \(Files.modified(object) ?? 0)\n".utf8) }
        for file in handIn.files {
            recipe += Array("\(file.name) \(file.bytes.count)\n".utf8) + file.bytes
        }
        return recipe
    }

    private func given(_ lab: Lab) -> String {
        "\(kit.root)/Sources/Programs/Parts/\(lab.number)/main.swift"
    }

    /// The part's own main program, without the import: here the part is in the same module.
    private func mainProgram(_ path: String) throws -> String {
        let lines = try Files.readText(path).split(separator: "\n")
        return lines.filter { !$0.hasPrefix("import Lab") }.joined(separator: "\n") + "\n"
    }

    private func objects(of lab: Lab) throws -> [String] {
        try Self.modules(lab).flatMap { module in
            try Files.list("\(kit.built)/\(module).build").filter { $0.hasSuffix(".o") }
                .map { "\(kit.built)/\(module).build/\($0)" }
        }
    }

    private func arguments(
        _ files: [String], _ objects: [String], _ program: String, debuggable: Bool
    ) -> [String] {
        [
            "-swift-version", "6", "-Onone", debuggable ? "-g" : "-gnone", "-wmo",
            "-module-name", "Part", "-I", "\(kit.built)/Modules",
            "-Xcc", "-fmodule-map-file=\(kit.built)/CLinux.build/module.modulemap",
        ] + files + objects + ["-lm", "-o", program]
    }
}
