import Linux

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
        public var description: String { text }
    }

    /// The modules that every part's program is linked with.
    private static let modules = ["CLinux", "Linux", "JSON", "Contracts", "PartPipe"]

    /// Builds what changed.
    /// - Parameters:
    ///   - sources: the folder with the part's files.
    ///   - name: what the program is called below the scratch directory: `mine/10`.
    /// - Returns: the program's path.
    public func build(_ lab: Lab, sources: String, as name: String) throws -> String {
        let work = "\(kit.scratch)/parts/\(name)"
        let program = "\(work)/part-\(lab.number)"
        let files = try Files.list(sources).filter { $0.hasSuffix(".swift") }.sorted()
            .map { "\(sources)/\($0)" }
        if isNewer(program, than: files + [sources, "\(kit.built)/PartPipe.build"]) { return program }
        try Files.makeDirectories(work)
        try Files.write(try mainProgram(lab), to: "\(work)/main.swift")
        let result = try capture("swiftc", arguments(files + ["\(work)/main.swift"], program))
        guard result.ending.succeeded else {
            let said = String(decoding: result.errors + result.output, as: UTF8.self)
            throw CompilerErrors(text: said)
        }
        return program
    }

    /// The part's own main program, without the import: here the part is in the same module.
    private func mainProgram(_ lab: Lab) throws -> String {
        let path = "\(kit.root)/Sources/Programs/Parts/\(lab.number)/main.swift"
        let lines = try Files.readText(path).split(separator: "\n")
        return lines.filter { !$0.hasPrefix("import Lab") }.joined(separator: "\n") + "\n"
    }

    private func arguments(_ files: [String], _ program: String) throws -> [String] {
        let objects = try Self.modules.flatMap { module in
            try Files.list("\(kit.built)/\(module).build").filter { $0.hasSuffix(".o") }
                .map { "\(kit.built)/\(module).build/\($0)" }
        }
        return [
            "swiftc", "-swift-version", "6", "-Onone", "-gnone", "-wmo", "-module-name", "Part",
            "-I", "\(kit.built)/Modules",
            "-Xcc", "-fmodule-map-file=\(kit.built)/CLinux.build/module.modulemap",
        ] + files + objects + ["-lm", "-o", program]
    }

    /// Whether a file is there and none of the others changed after it was made.
    func isNewer(_ path: String, than others: [String]) -> Bool {
        guard let made = modified(path) else { return false }
        return others.allSatisfy { modified($0).map { $0 < made } ?? false }
    }

    /// Nanoseconds since 1970; nil where there is no such file.
    private func modified(_ path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    }
}
