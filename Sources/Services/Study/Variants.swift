import Linux

/// Parts that are wrong on purpose, made from the reference: with a mutant's patch, or with one hole emptied.
public struct Variants: Sendable {
    let kit: Kit
    let builder: PartBuilder

    public init(_ kit: Kit) { (self.kit, builder) = (kit, PartBuilder(kit)) }

    /// A known wrong answer: a patch against the reference, below a header that says who has to catch it.
    public struct Mutant: Sendable {
        public let name: String
        public let path: String
        /// The step that has to fail.
        public let step: String
        /// What that step has to say, or a part of it.
        public let message: String
    }

    /// The lab's mutants, by name. A patch begins with the lines `step: 10.2` and `message: …`.
    public func mutants(of lab: Lab) throws -> [Mutant] {
        guard Files.isDirectory(lab.mutants) else { return [] }
        return try Files.list(lab.mutants).filter { $0.hasSuffix(".patch") }.sorted().map { file in
            let path = "\(lab.mutants)/\(file)"
            let lines = try Files.readText(path).split(separator: "\n")
            func header(_ name: String) throws -> String {
                guard let line = lines.first(where: { $0.hasPrefix("\(name): ") }) else {
                    throw StudyError("\(path) has no line \"\(name): …\"")
                }
                return String(line.dropFirst(name.count + 2))
            }
            return Mutant(
                name: String(file.dropLast(".patch".count)), path: path, step: try header("step"),
                message: try header("message"))
        }
    }

    /// - Returns: the mutant's program.
    public func build(_ mutant: Mutant, of lab: Lab) throws -> String {
        let copy = try copyOfReference(lab, as: "mutants/\(mutant.name)")
        // Where the copy stands in a repository's tree, git would take the paths for that tree's.
        let result = try capture(
            "git", ["git", "-C", copy, "--git-dir=/nonexistent", "apply", "-p3", mutant.path])
        guard result.ending.succeeded else {
            throw StudyError(
                "\(mutant.path) does not fit the reference: "
                    + String(decoding: result.errors, as: UTF8.self))
        }
        return try builder.build(lab, sources: copy, as: "\(lab.number)/mutants/\(mutant.name)")
    }

    /// The folder with the programs of all mutants, for the open step: links, each by its mutant's name.
    public func folderOfMutants(of lab: Lab) throws -> String {
        let folder = "\(kit.scratch)/variants/\(lab.number)/all"
        try? Files.removeTree(folder)
        try Files.makeDirectories(folder)
        for mutant in try mutants(of: lab) {
            let program = try build(mutant, of: lab)
            try check("symlink") { symlink(program, "\(folder)/\(mutant.name)") }
        }
        return folder
    }

    /// The reference with the holes of one step as the starter has them.
    public func build(emptied step: String, of lab: Lab) throws -> String {
        let copy = try copyOfReference(lab, as: "emptied/\(step)")
        for file in try Files.list(copy).filter({ $0.hasSuffix(".swift") }) {
            let starter = try Files.readText("\(lab.home)/\(file)")
            let reference = try Files.readText("\(copy)/\(file)")
            try Files.write(
                Holes(reference).replacing(step, by: Holes(starter)), to: "\(copy)/\(file)")
        }
        return try builder.build(lab, sources: copy, as: "\(lab.number)/emptied/\(step)")
    }

    private func copyOfReference(_ lab: Lab, as name: String) throws -> String {
        let copy = "\(kit.scratch)/variants/\(lab.number)/\(name)"
        try? Files.removeTree(copy)
        try Files.makeDirectories(copy)
        for file in try Files.list(lab.solution).filter({ $0.hasSuffix(".swift") }) {
            try Files.write(try Files.readText("\(lab.solution)/\(file)"), to: "\(copy)/\(file)")
        }
        return copy
    }
}
