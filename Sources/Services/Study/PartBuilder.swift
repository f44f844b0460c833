import Linux
import PartPipe

/// Makes a part's program out of a folder of a few Swift files: the student's, the reference, a mutant of it.
///
/// SwiftPM takes more than a second to find out what one edited file means for the whole package; the compiler
/// itself, given the lab's files and the modules that SwiftPM built before, is done in half of that.
public struct PartBuilder: Sendable {
    let kit: Kit

    public init(_ kit: Kit) { self.kit = kit }

    /// What the compiler had to say.
    public struct CompilerErrors: Error, Sendable, CustomStringConvertible {
        public let text: String
        public var complaints: [Complaint] { Complaint.all(in: text) }
        public var description: String { text }
    }

    /// The modules that a part's program is linked with.
    private static func modules(_ lab: Lab) -> [String] {
        ["CLinux", "Linux", "JSON", "Contract", lab.contract, "PartPipe"]
    }

    /// Builds what changed.
    /// - Parameters:
    ///   - sources: the folder with the part's files.
    ///   - name: what the program is called below the scratch directory: `mine/10`.
    ///   - debuggable: whether a debugger is to find its way through it.
    ///   - strict: whether a warning is an error.
    /// - Returns: the program's path.
    public func build(
        _ lab: Lab, sources: String, as name: String, debuggable: Bool = false,
        strict: Bool = false
    ) throws -> String {
        let work = "\(kit.scratch)/parts/\(name)"
        let program = "\(work)/part-\(lab.number)"
        let files = try Files.list(sources).filter { $0.hasSuffix(".swift") }.sorted()
            .map { "\(sources)/\($0)" }
        let objects = try self.objects(of: lab)
        if Self.isNewer(program, than: files + [sources, given(lab)] + objects) { return program }
        try Files.makeDirectories(work)
        try Files.write(try mainProgram(given(lab)), to: "\(work)/main.swift")
        // Under another name first: a program that somebody is just running can't be written to.
        let fresh = "\(program).\(getpid())"
        let result = try capture(
            "swiftc",
            arguments(files + ["\(work)/main.swift"], objects, fresh, debuggable: debuggable)
                + (strict ? ["-warnings-as-errors"] : []))
        guard result.ending.succeeded else {
            let said = String(decoding: result.errors + result.output, as: UTF8.self)
            if case .signaled(SIGINT) = result.ending { throw Interrupted() }
            throw CompilerErrors(text: said)
        }
        try check("rename \(fresh)") { rename(fresh, program) }
        return program
    }

    private func given(_ lab: Lab) -> String {
        "\(kit.root)/Sources/Programs/Parts/\(lab.number)/main.swift"
    }

    /// What every variant of a lab is made of besides its own files.
    func inputs(of lab: Lab) throws -> [String] { try [given(lab)] + objects(of: lab) }

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
            "swiftc", "-swift-version", "6", "-Onone", debuggable ? "-g" : "-gnone", "-wmo",
            "-module-name", "Part", "-I", "\(kit.built)/Modules",
            "-Xcc", "-fmodule-map-file=\(kit.built)/CLinux.build/module.modulemap",
        ] + files + objects + ["-lm", "-o", program]
    }

    /// Whether a file is there and none of the others changed after it was made.
    static func isNewer(_ path: String, than others: [String]) -> Bool {
        guard let made = Files.modified(path) else { return false }
        return others.allSatisfy { Files.modified($0).map { $0 < made } ?? false }
    }
}
