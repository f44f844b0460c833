import ContractOverlay
import Grading
import Linux

/// 03.3: what reading and changing do to the upper directory, beside what the kernel does.
let copyUpRaisesThePath = Check.seeded(
    "03.3", sizes: 1...4, usually: 12, requires: [Workbench.requirement]
) { bench, run in
    try compareOperations(
        RemoteOverlay(bench.part), run, [.read, .modify],
        idea:
            "What changes has to be in the upper directory, and so has every directory that leads to it; what is there is not copied again; reading copies nothing."
    )
    try aCopyIsTheWholeFile(RemoteOverlay(bench.part))
}

/// 03.4: what removing and making do to it: whiteouts and opaque directories.
let replacingHidesWhatIsBelow = Check.seeded(
    "03.4", sizes: 1...4, usually: 12, requires: [Workbench.requirement]
) { bench, run in
    try compareOperations(
        RemoteOverlay(bench.part), run, [.remove, .create, .makeDirectory],
        idea:
            "Take away what the upper directory has, hide what the lower ones have: a file is hidden by a whiteout, the content of a directory by a new directory that is opaque."
    )
}

/// Does random operations to the merged tree, and each time has the part say what the upper directory will be.
private func compareOperations(
    _ part: RemoteOverlay, _ run: Run, _ wanted: [CopyUpRequest.Operation], idea: String
) throws {
    try onWorkbench { work in
        let stack = try Stack(work, run)
        var dice = run.dice
        _ = dice.next()
        var done: [String] = []
        var touched: [String] = []
        for _ in 0..<16 {
            // What was worked on before is more telling: it may be in both, above and below.
            let again = !touched.isEmpty && dice.chance(percent: 50)
            let choice = again ? touched : Stack.universe
            let path = choice[dice.roll(0...choice.count - 1)]
            let merged = "\(stack.merged)/\(path)"
            let possible: [CopyUpRequest.Operation] =
                Files.exists(merged) ? [.read, .modify, .remove] : [.create, .makeDirectory]
            let operation = possible[dice.roll(0...possible.count - 1)]
            let request = CopyUpRequest(operation, elements(along: path, stack))
            let before = Stack.entries(of: stack.upper)
            let isDirectory = Files.isDirectory(merged)
            guard perform(operation, merged) else { continue }
            done.append("\(operation) \(path)")
            touched.append(path)
            guard wanted.contains(operation) else { continue }
            let after = Stack.entries(of: stack.upper)
            let changes = try part.copyUp(request)
            let twice = changes.first { change in
                if case .copyUp(let path) = change {
                    before.contains { $0.path == path && $0.kind != .whiteout }
                } else {
                    false
                }
            }
            try require(
                twice == nil, "what is in the upper directory is not copied up again",
                seen: "\(operation) \(path): \(changes.map { "\($0)" })", idea: idea)
            let predicted = apply(changes, to: before, below: stack, madeDirectory: isDirectory)
            guard predicted != Set(after) else { continue }
            throw Failed(
                "\(operation) \(path): the upper directory changes as the kernel changes it",
                expected: inWords(Set(after)),
                seen:
                    "\(inWords(predicted)), from \(changes.map { "\($0)" }); done before: \(done.dropLast().joined(separator: ", "))",
                idea: idea)
        }
    }
}

/// What the request says about each name of a path: read off the disk, before anything is done.
private func elements(along path: String, _ stack: Stack) -> [CopyUpRequest.Element] {
    let names = path.split(separator: "/")
    let upper = Stack.entries(of: stack.upper)
    let lower = stack.layers.map(Stack.entries(of:))
    return names.indices.map { index in
        let prefix = names[...index].joined(separator: "/")
        return CopyUpRequest.Element(
            prefix, inUpper: upper.contains { $0.path == prefix && $0.kind != .whiteout },
            inLower: shows(prefix, lower))
    }
}

/// Whether a stack shows anything under a path: walked here once more, so that the judge needs no part.
func shows(_ path: String, _ layers: [[LayerEntry]]) -> Bool {
    var candidates = Array(layers.indices)
    let names = path.split(separator: "/")
    for index in names.indices {
        let prefix = names[...index].joined(separator: "/")
        var next: [Int] = []
        for layer in candidates {
            guard let entry = layers[layer].first(where: { $0.path == prefix }) else { continue }
            if entry.kind == .whiteout { break }
            if entry.kind == .file {
                if next.isEmpty { return index == names.count - 1 }
                break
            }
            next.append(layer)
            if entry.kind == .opaqueDirectory { break }
        }
        if next.isEmpty { return false }
        candidates = next
    }
    return true
}

private func perform(_ operation: CopyUpRequest.Operation, _ path: String) -> Bool {
    switch operation {
    case .read: return Files.isDirectory(path) ? true : (try? Files.read(path)) != nil
    case .modify: return chmod(path, Files.isDirectory(path) ? 0o700 : 0o600) == 0
    case .remove: return (Files.isDirectory(path) ? rmdir(path) : unlink(path)) == 0
    case .create: return (try? Files.write("new", to: path)) != nil
    case .makeDirectory: return mkdir(path, 0o755) == 0
    }
}

/// What the upper directory is after the changes that a part names.
private func apply(
    _ changes: [UpperChange], to before: [LayerEntry], below stack: Stack, madeDirectory: Bool
) -> Set<LayerEntry> {
    var upper = Dictionary(before.map { ($0.path, $0.kind) }, uniquingKeysWith: { $1 })
    for change in changes {
        switch change {
        case .copyUp(let path):
            upper[path] = Files.isDirectory("\(stack.merged)/\(path)") ? .directory : .file
        case .create(let path):
            upper[path] = Files.isDirectory("\(stack.merged)/\(path)") ? .directory : .file
        case .createOpaque(let path): upper[path] = .opaqueDirectory
        case .remove(let path):
            upper = upper.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
        case .whiteout(let path): upper[path] = .whiteout
        }
    }
    return Set(upper.map { LayerEntry($0.key, $0.value) })
}

private func inWords(_ entries: Set<LayerEntry>) -> String {
    let words = entries.sorted { $0.path < $1.path }.map { "\($0.path) \($0.kind)" }
    return words.isEmpty ? "nothing" : words.joined(separator: ", ")
}

/// Opening for append is enough: the kernel copies the whole file, and the copy is what the part promised.
private func aCopyIsTheWholeFile(_ part: RemoteOverlay) throws {
    try onWorkbench { work in
        for directory in ["lower", "upper", "work"] { try Files.makeDirectories(work(directory)) }
        let content = String(repeating: "0123456789abcdef", count: 4096)
        try Files.write(content, to: work("lower/f"))
        try work.mount(
            "lowerdir=\(work("lower")),upperdir=\(work("upper")),workdir=\(work("work"))",
            on: work("merged"))
        close(clinux_open(work("merged/f"), O_WRONLY | O_APPEND, 0))
        let copied = try? Files.readText(work("upper/f"))
        let changes = try part.copyUp(
            CopyUpRequest(.modify, [.init("f", inUpper: false, inLower: true)]))
        try require(
            copied == content && changes == [.copyUp("f")],
            "a file that is opened for writing is in the upper directory, whole, byte for byte",
            seen: "\(copied?.utf8.count ?? 0) bytes there, and the part says \(changes)",
            idea: "An overlay knows files, not blocks: one byte changed costs the whole file.")
    }
}
