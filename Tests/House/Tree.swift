import Linux

/// The floors of the house, the lowest first. A file may import its own floor and those below.
enum Floor: Int, Comparable, CustomStringConvertible {
    case ground, values, contracts, parts, services, programs

    static func < (left: Floor, right: Floor) -> Bool { left.rawValue < right.rawValue }

    var description: String {
        ["Ground", "Values", "Contracts", "Parts", "Services", "Programs"][rawValue]
    }

    /// By the folder that a file is in.
    init?(path: String) {
        let places: [(String, Floor)] = [
            ("Sources/Ground/", .ground), ("Sources/Values/", .values),
            ("Sources/Contracts/", .contracts), ("Labs/", .parts), ("Solutions/", .parts),
            ("Sources/Services/", .services), ("Sources/Cluster/Services/", .services),
            ("Sources/Programs/", .programs), ("Sources/Cluster/Programs/", .programs),
        ]
        if path == "Sources/Cluster/Package.swift" { self = .programs; return }
        guard let place = places.first(where: { path.hasPrefix($0.0) }) else { return nil }
        self = place.1
    }

    /// By the folder that bears a module's name; nil for modules from outside.
    static func of(module: String) -> Floor? {
        if module.hasPrefix("Contract") { return .contracts }
        if module.hasPrefix("Solution") || module.hasPrefix("Lab") { return .parts }
        let folders: [(String, Floor)] = [
            ("Sources/Ground", .ground), ("Sources/Values", .values),
            ("Sources/Services", .services), ("Sources/Cluster/Services", .services),
        ]
        return folders.first { Tree.isDirectory("\($0.0)/\(module)") }?.1
    }
}

/// A source file as text.
struct TextFile {
    let path: String
    let lines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let at = words.firstIndex(of: "import"), at < 2, at + 1 < words.count,
                !line.hasPrefix(" "), !line.hasPrefix("//")
            else { return nil }
            return String(words[at + 1])
        }
    }

    /// The comments that mark holes: `// step 10.3 begin`.
    var holes: [String] {
        lines.map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("// step ") }.map(String.init)
    }

    /// Functions by where they begin and how many lines they take: from `func` or `init` to the closing brace
    /// at the same indentation, as the formatter leaves it.
    var functions: [(line: Int, length: Int)] {
        var found: [(Int, Int)] = []
        for (index, line) in lines.enumerated() {
            let indentation = line.prefix { $0 == " " }
            let code = line.dropFirst(indentation.count)
            guard code.contains("func ") || code.hasPrefix("init(") || code.contains(" init("),
                !code.hasPrefix("//"), !code.hasSuffix("}")
            else { continue }
            // A protocol's function has no body: its declaration ends without a brace.
            let declaration = lines[index...].prefix { !$0.hasSuffix("{") && !$0.isEmpty }
            let opening = declaration.endIndex
            guard opening < lines.count, lines[opening].hasSuffix("{"),
                !declaration.dropFirst().contains(where: { $0.contains("func ") }),
                let end = lines[index...].firstIndex(of: indentation + "}")
            else { continue }
            found.append((index + 1, end - index + 1))
        }
        return found
    }
}

/// The tree that these tests belong to.
enum Tree {
    static let root: String = {
        let here = #filePath
        return String(here.dropLast("/Tests/House/Tree.swift".count))
    }()

    static func list(_ path: String) -> [String] { (try? Files.list("\(root)/\(path)")) ?? [] }
    static func isDirectory(_ path: String) -> Bool { Files.isDirectory("\(root)/\(path)") }
    static func read(_ path: String) -> String? { try? Files.readText("\(root)/\(path)") }

    /// Every Swift file below these folders, in the order of their paths.
    static func swiftFiles(below folders: [String]) -> [TextFile] {
        folders.flatMap { folder in
            list(folder).flatMap { name -> [TextFile] in
                let path = "\(folder)/\(name)"
                if name.hasPrefix(".") { return [] }
                if isDirectory(path) { return swiftFiles(below: [path]) }
                guard name.hasSuffix(".swift"), let text = read(path) else { return [] }
                return [TextFile(path: path, text: text)]
            }
        }
    }
}
