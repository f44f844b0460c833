import ContractOverlay
import Grading
import Linux
import Snapshots

/// A random stack of layers as directories, and the kernel's overlay of them.
struct Stack {
    static let names = ["a", "b", "c"]
    /// Every path of up to three names.
    static let universe: [String] = names.flatMap { first in
        [first]
            + names.flatMap { second in
                ["\(first)/\(second)"] + names.map { "\(first)/\(second)/\($0)" }
            }
    }

    /// Topmost first; the upper directory is not among them.
    let layers: [String]
    let upper: String
    let merged: String

    /// - Parameter run: its size is how many layers there are.
    init(_ bench: Workbench, _ run: Run, options: String = "") throws {
        var dice = run.dice
        let made = (0..<max(1, run.size)).map { bench("layer\($0)") }
        for (index, layer) in made.enumerated() {
            try Self.makeLayer(layer, &dice, isBase: index == 0)
        }
        layers = made.reversed()
        (upper, merged) = (bench("upper"), bench("merged"))
        for directory in [upper, bench("work")] { try Files.makeDirectories(directory) }
        try bench.mount(
            "lowerdir=\(layers.joined(separator: ":")),upperdir=\(upper),workdir=\(bench("work"))"
                + options, on: merged)
    }

    /// Files that say which layer they are of, directories, whiteouts, opaque directories.
    private static func makeLayer(_ root: String, _ dice: inout Dice, isBase: Bool) throws {
        func fill(_ directory: String, depth: Int) throws {
            for name in names where dice.chance(percent: 55) {
                let path = "\(directory)/\(name)"
                if depth < 3 && dice.chance(percent: 60) {
                    try Files.makeDirectories(path)
                    if !isBase && dice.chance(percent: 25) { makeOpaque(path) }
                    try fill(path, depth: depth + 1)
                } else if !isBase && dice.chance(percent: 40) {
                    mknod(path, mode_t(S_IFCHR), 0)
                } else {
                    try Files.write(root, to: path)
                }
            }
        }
        try Files.makeDirectories(root)
        try fill(root, depth: 1)
    }

    static var opaqueName: String {
        Privilege.inUserNamespace ? "user.overlay.opaque" : "trusted.overlay.opaque"
    }
    static func makeOpaque(_ path: String) { lsetxattr(path, opaqueName, "y", 1, 0) }

    /// What a directory on the disk has under each path.
    static func entries(of directory: String) -> [LayerEntry] {
        universe.compactMap { path in
            var info = stat()
            guard lstat("\(directory)/\(path)", &info) == 0 else { return nil }
            switch Int32(info.st_mode) & S_IFMT {
            case S_IFCHR: return LayerEntry(path, .whiteout)
            case S_IFDIR:
                let isOpaque = lgetxattr("\(directory)/\(path)", opaqueName, nil, 0) == 1
                return LayerEntry(path, isOpaque ? .opaqueDirectory : .directory)
            default: return LayerEntry(path, .file)
            }
        }
    }

    /// The stack in words, for a failure: what each layer has.
    func description(along path: String) -> String {
        ([upper] + layers).map { layer in
            let here = Self.entries(of: layer)
                .filter { path == $0.path || path.hasPrefix($0.path + "/") }
                .map { "\($0.path) \($0.kind)" }
            let name = layer.split(separator: "/").last ?? ""
            return "\(name): \(here.isEmpty ? "nothing" : here.joined(separator: ", "))"
        }.joined(separator: "; ")
    }
}
