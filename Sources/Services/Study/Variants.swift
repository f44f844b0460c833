import Grading
import Linux
import PartPipe

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

    /// One program that a lab's proof needs.
    package enum Variant: Hashable, Sendable {
        case reference
        /// The hole of a step as the starter has it.
        case emptied(String)
        /// The hole of an open step with nothing in it: tests that find nothing wrong.
        case weak(String)
        /// The same with the few lines that lie among the mutants: tests that are right and find too little.
        case few(String)
        /// The same with a complaint about every part.
        case grumpy(String)
        /// All holes as a student finds them.
        case starter
        case mutant(String)

        package var name: String {
            switch self {
            case .reference: "reference"
            case .emptied(let step): "emptied/\(step)"
            case .weak(let step): "weak/\(step)"
            case .few(let step): "few/\(step)"
            case .grumpy(let step): "grumpy/\(step)"
            case .starter: "starter"
            case .mutant(let name): "mutants/\(name)"
            }
        }

        init?(named text: String) {
            let pieces = text.split(separator: "/", maxSplits: 1).map(String.init)
            switch (pieces.first, pieces.last) {
            case ("reference", _): self = .reference
            case ("emptied", let step?): self = .emptied(step)
            case ("weak", let step?): self = .weak(step)
            case ("few", let step?): self = .few(step)
            case ("grumpy", let step?): self = .grumpy(step)
            case ("starter", _): self = .starter
            case ("mutants", let name?): self = .mutant(name)
            default: return nil
            }
        }
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

    /// Builds what has changed since.
    /// - Returns: the variant's program.
    package func build(_ variant: Variant, of lab: Lab) throws -> String {
        if variant == .reference {
            return try builder.build(lab, sources: lab.solution, as: "\(lab.number)/reference")
        }
        let files = try Files.list(lab.solution).filter { $0.hasSuffix(".swift") }
        try Files.makeDirectories("\(kit.scratch)/variants")
        // A place of its own: a check and a proof may make the same one at the same time.
        let copy = try Files.makeTemporaryDirectory(
            prefix: "\(kit.scratch)/variants/\(lab.number)-")
        defer { try? Files.removeTree(copy) }
        for file in files {
            let text = try Files.readText("\(lab.solution)/\(file)")
            try Files.write(try changed(text, file, variant, lab), to: "\(copy)/\(file)")
        }
        if case .mutant(let name) = variant {
            try patch(copy, with: "\(lab.mutants)/\(name).patch")
        }
        return try builder.build(
            lab, sources: copy, as: "\(lab.number)/\(variant.name)", strict: variant == .starter)
    }

    private func fewTests(_ lab: Lab) -> String { "\(lab.mutants)/few.tests" }

    private func changed(_ text: String, _ file: String, _ variant: Variant, _ lab: Lab) throws
        -> String
    {
        func filled(_ step: String, _ lines: String) -> String {
            Holes(text).replacing(
                step, by: Holes("// step \(step) begin\n\(lines)// step \(step) end"))
        }
        return switch variant {
        case .emptied(let step):
            Holes(text).replacing(step, by: Holes(try Files.readText("\(lab.home)/\(file)")))
        case .weak(let step):
            filled(step, "")
        case .few(let step): filled(step, try Files.readText(fewTests(lab)))
        case .grumpy(let step): filled(step, "try expect(false, \"nothing is ever right\")\n")
        case .starter: try Starter(lab: lab).text(file)
        case .reference, .mutant: text
        }
    }

    private func patch(_ copy: String, with path: String) throws {
        // Where the copy stands in a repository's tree, git would take the paths for that tree's.
        let result = try capture(
            "git", ["git", "-C", copy, "--git-dir=/nonexistent", "apply", "-p3", path])
        guard result.ending.succeeded else {
            throw StudyError(
                "\(path) does not fit the reference: "
                    + String(decoding: result.errors, as: UTF8.self))
        }
    }

    /// The folder with the programs of all mutants, for the open step: links, each by its mutant's name.
    /// - Parameter progress: how many of how many are there.
    public func folderOfMutants(
        of lab: Lab, progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> String {
        let turn = try Turn.take("\(kit.scratch)/parts/\(lab.number).variants.lock") {}
        let mutants = try mutants(of: lab)
        var complaint: String?
        try Jobs(kit: kit).run(
            mutants.map { ["build-variant", lab.number, "mutants/\($0.name)"] }
        ) { index, ending, text in
            progress(index + 1, mutants.count)
            if !ending.succeeded { complaint = text }
        }
        if let complaint { throw StudyError(complaint) }
        let folder = try linkMutants(of: lab, mutants.map(\.name))
        turn.end()
        return folder
    }

    /// The folder with a link to each of these, and nothing else. Links that are right stay, for whoever is using them.
    package func linkMutants(of lab: Lab, _ names: [String]) throws -> String {
        let folder = "\(kit.scratch)/variants/\(lab.number)/all"
        try Files.makeDirectories(folder)
        for old in try Files.list(folder) where !names.contains(old) { unlink("\(folder)/\(old)") }
        for name in names where !Files.exists("\(folder)/\(name)") {
            unlink("\(folder)/\(name)")
            let program = "\(kit.scratch)/parts/\(lab.number)/mutants/\(name)/part-\(lab.number)"
            try check("link \(folder)/\(name)") { symlink(program, "\(folder)/\(name)") }
        }
        return folder
    }
}
