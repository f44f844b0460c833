import ContractOverlay
import Grading
import Linux

/// 03.1: the text of the mount option, proven by mounting with it.
let layersAreStackedTheRightWayRound = Check("03.1", requires: [Workbench.requirement]) { bench in
    let part = RemoteOverlay(bench.part)
    try onWorkbench { work in
        let names = ["base", "app", "a,comma", "a:colon", #"a\backslash"#]
        for (index, name) in names.enumerated() {
            try Files.makeDirectories(work(name))
            try Files.write("\(index)", to: work("\(name)/top"))
            try Files.write(name, to: work("\(name)/only\(index)"))
        }
        for count in 2...names.count {
            let stack = names[..<count].map { work($0) }
            let option = try part.lowerdir(stack)
            let shown = option.replacing(work.root, with: "")
            do { try work.mount("lowerdir=\(option)", on: work("merged")) } catch {
                throw Failed(
                    "the kernel takes the text as it is", expected: "a mount of \(count) layers",
                    seen: "lowerdir=\(shown): \(error)",
                    idea:
                        "A colon separates layers, a comma ends the option, and each may be part of a name: then a backslash says so."
                )
            }
            defer { _ = umount2(work("merged"), Int32(MNT_DETACH)) }
            let top = (try? Files.readText(work("merged/top"))) ?? "nothing"
            try expect(
                top, is: "\(count - 1)",
                "the last layer of the manifest is on top: lowerdir=\(shown)",
                idea: "A manifest is read upwards, from the base; the option is read downwards.")
            for index in 0..<count {
                try require(
                    Files.exists(work("merged/only\(index)")),
                    "every layer is in the stack: lowerdir=\(shown)",
                    seen: "\(names[index]) is not",
                    idea: "The option names all layers, with a colon between.")
            }
        }
    }
}

/// 03.2: every path of random stacks, beside what the kernel shows.
let lookupSeesWhatTheKernelShows = Check.seeded(
    "03.2", sizes: 2...4, usually: 24, requires: [Workbench.requirement]
) { bench, run in
    let part = RemoteOverlay(bench.part)
    try onWorkbench { work in
        let stack = try Stack(work, run)
        let directories = [stack.upper] + stack.layers
        let layers = directories.map(Stack.entries(of:))
        for path in Stack.universe {
            let view = try part.lookup(OverlayLookup(path: path, layers: layers))
            try judge(view, path, stack, directories, layers)
        }
        try expect(
            try part.lookup(OverlayLookup(path: "", layers: layers)),
            is: .directory(layers: Array(layers.indices)), "the root of the tree is in every layer",
            idea: "The walk begins with all layers, topmost first.")
    }
}

private func judge(
    _ view: OverlayView, _ path: String, _ stack: Stack, _ directories: [String],
    _ layers: [[LayerEntry]]
) throws {
    let merged = "\(stack.merged)/\(path)"
    let seen = Files.isDirectory(merged) ? "directory" : (try? Files.readText(merged)) ?? "nothing"
    let said: String
    switch view {
    case .absent: said = "nothing"
    case .file(let layer):
        said = directories.indices.contains(layer) ? directories[layer] : "no layer"
    case .directory: said = "directory"
    }
    func short(_ text: String) -> String { String(text.split(separator: "/").last ?? "nothing") }
    try require(
        said == seen, "lookup says what the kernel shows under \(path)",
        seen:
            "\(short(said)), where the kernel shows \(short(seen)); \(stack.description(along: path))",
        idea:
            "One name at a time: the topmost layer that has the name decides, a whiteout ends the search, and only directories merge."
    )
    guard case .directory(let merging) = view else { return }
    // The kernel doesn't tell which layers merge, but what is in the directory does.
    let names = Set(Stack.names.filter { Files.exists("\(merged)/\($0)") })
    let promised = merging.filter(layers.indices.contains).flatMap { layer in
        layers[layer].filter { $0.path.hasPrefix(path + "/") && $0.kind != .whiteout }
            .map { $0.path.dropFirst(path.count + 1) }.filter { !$0.contains("/") }.map(String.init)
    }
    try require(
        names.isSubset(of: promised),
        "a directory names all the layers that it gets names from: \(path)",
        seen:
            "layers \(merging); the kernel shows \(names.sorted()); \(stack.description(along: path))",
        idea:
            "A directory merges with those of the same path below, down to the first that is opaque, a file or a whiteout."
    )
    let first = merging.first.map { layer in layers[layer].contains { $0.path == path } } ?? false
    let allHave = merging.allSatisfy { layer in
        layers.indices.contains(layer)
            && layers[layer].contains {
                $0.path == path && ($0.kind == .directory || $0.kind == .opaqueDirectory)
            }
    }
    try require(
        first && allHave && merging == merging.sorted(),
        "a directory's layers have it, topmost first: \(path)",
        seen: "layers \(merging); \(stack.description(along: path))",
        idea: "A layer that has no such directory gives it no names.")
}
