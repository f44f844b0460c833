import ContractOverlay
import Grading

/// 03.7: the layer, put on top of the tree before, gives the tree after; and holds nothing that it need not.
let layerTurnsOneTreeIntoTheOther = Check.seeded("03.7", sizes: 1...6) { bench, run in
    let part = RemoteOverlay(bench.part)
    var dice = run.dice
    let before = tree(run.size, &dice)
    let after = changed(before, run.size, &dice)
    let changes = try part.layerDiff(TreePair(before: before, after: after))
    let listing =
        "before: \(names(before)); after: \(names(after)); the layer: \(changes.map { "\($0.kind) \($0.path)" })"
    try require(
        Set(apply(changes, to: before, takingFrom: after)) == Set(after),
        "the tree before with the layer on top is the tree after", seen: listing,
        idea:
            "What is new or not what it was is in the layer; what is gone needs a whiteout, for a layer can only add."
    )
    try require(
        changes == changes.sorted { $0.path < $1.path } && Set(changes).count == changes.count,
        "the changes are sorted by path, each once", seen: listing,
        idea: "Whoever makes the same layer twice wants the same bytes twice.")
    for index in changes.indices {
        var fewer = changes
        let left = fewer.remove(at: index)
        try require(
            Set(apply(fewer, to: before, takingFrom: after)) != Set(after),
            "nothing is in the layer that need not be: \(left.kind) \(left.path)", seen: listing,
            idea:
                "One whiteout hides a directory with all that is in it, and a file hides a directory by itself."
        )
    }
}

private func names(_ tree: [TreeEntry]) -> String {
    tree.map { "\($0.path)\($0.isDirectory ? "/" : "") \($0.fingerprint)" }.joined(separator: ", ")
}

private func tree(_ size: Int, _ dice: inout Dice) -> [TreeEntry] {
    var entries: [TreeEntry] = []
    func fill(_ prefix: String, _ depth: Int) {
        for name in ["a", "b", "c"].prefix(size) where dice.chance(percent: 60) {
            let path = prefix + name
            let isDirectory = depth < 3 && dice.chance(percent: 50)
            entries.append(TreeEntry(path, isDirectory: isDirectory, "\(dice.roll(1...3))"))
            if isDirectory { fill(path + "/", depth + 1) }
        }
    }
    fill("", 1)
    return entries
}

/// The tree after a few accidents: things go, come, change, and become something else.
private func changed(_ tree: [TreeEntry], _ size: Int, _ dice: inout Dice) -> [TreeEntry] {
    var result = tree
    func remove(_ path: String) {
        result.removeAll { $0.path == path || $0.path.hasPrefix(path + "/") }
    }
    for _ in 0..<size where !result.isEmpty {
        let victim = result[dice.roll(0...result.count - 1)]
        switch dice.roll(0...3) {
        case 0: remove(victim.path)
        case 1:
            remove(victim.path)
            result.append(
                TreeEntry(victim.path, isDirectory: !victim.isDirectory, "\(dice.roll(1...3))"))
        case 2:
            if let index = result.firstIndex(of: victim) {
                result[index].fingerprint = "\(dice.roll(4...6))"
            }
        default:
            if victim.isDirectory {
                result.append(
                    TreeEntry("\(victim.path)/new\(dice.roll(1...9999))", isDirectory: false, "7"))
            }
        }
    }
    return result.sorted { $0.path < $1.path }
}

/// What an overlay shows with this layer on top.
private func apply(
    _ changes: [LayerChange], to before: [TreeEntry], takingFrom after: [TreeEntry]
) -> [TreeEntry] {
    var tree = Dictionary(before.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    let there = Dictionary(after.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
    for change in changes.sorted(by: { $0.path < $1.path }) {
        let below = tree.keys.filter { $0.hasPrefix(change.path + "/") }
        let entry = change.kind == .entry ? there[change.path] : nil
        // A whiteout, or anything that is no directory, hides what was in one.
        if entry?.isDirectory != true { for path in below { tree[path] = nil } }
        tree[change.path] = entry
    }
    return Array(tree.values)
}
