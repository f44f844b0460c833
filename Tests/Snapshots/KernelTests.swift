import ContractOverlay
import Linux
import Snapshots
import SolutionOverlay
import Testing

/// The rules against the kernel's own overlay, in a mount namespace that goes with the test.
@Suite(.enabled(if: isRoot, "mounting needs root"))
struct KernelTests {
    static let seeds = 0..<60
    let rules = Overlay()
    private static let names = ["a", "b", "c"]

    /// Every path of up to three names.
    private static let universe: [String] = names.flatMap { first in
        [first]
            + names.flatMap { second in
                ["\(first)/\(second)"] + names.map { "\(first)/\(second)/\($0)" }
            }
    }

    /// A random layer, with files that say which layer they are of, whiteouts and opaque
    /// directories.
    private func makeLayer(_ root: String, _ dice: inout Dice, isBase: Bool) throws {
        func fill(_ directory: String, depth: Int) throws {
            for name in Self.names where dice.chance(55) {
                let path = "\(directory)/\(name)"
                if depth < 3 && dice.chance(60) {
                    try Files.makeDirectories(path)
                    if !isBase && dice.chance(25) {
                        lsetxattr(path, "trusted.overlay.opaque", "y", 1, 0)
                    }
                    try fill(path, depth: depth + 1)
                } else if !isBase && dice.chance(40) {
                    mknod(path, mode_t(S_IFCHR), 0)
                } else {
                    try Files.write(root, to: path)
                }
            }
        }
        try Files.makeDirectories(root)
        try fill(root, depth: 1)
    }

    private func makeStack(_ scratch: Scratch, _ dice: inout Dice) throws -> OverlayMount {
        let layers = (0..<Int.random(in: 1...4, using: &dice)).map { scratch("layer\($0)") }
        for (index, layer) in layers.enumerated() {
            try makeLayer(layer, &dice, isBase: index == 0)
        }
        return OverlayMount(
            lower: layers.reversed(), upper: scratch("upper"), work: scratch("work"),
            target: scratch("merged"))
    }

    /// What the kernel shows under a path: nothing, a directory, or the layer whose file it is.
    private func seen(_ path: String) -> String {
        if Files.isDirectory(path) { return "directory" }
        return (try? Files.readText(path)) ?? "nothing"
    }

    @Test(arguments: seeds)
    func `lookup says what the kernel shows`(seed: Int) throws {
        var dice = Dice(seed: seed)
        let scratch = try Scratch()
        let mount = try makeStack(scratch, &dice)
        try inMountNamespace {
            try mount.mount(rules: rules)
            let stack = LayerStack([mount.upper] + mount.lower, rules: rules)
            for path in Self.universe {
                let expected =
                    switch try stack.lookup(RelativePath(path)!) {
                    case .absent: "nothing"
                    case .file(let layer): stack.directories[layer]
                    case .directory: "directory"
                    }
                #expect(seen("\(mount.target)/\(path)") == expected, "seed \(seed), \(path)")
            }
            try OverlayMount.unmount(mount.target)
        }
    }

    /// Does one operation to the merged tree; false where the kernel refuses it.
    private func perform(_ operation: CopyUpRequest.Operation, _ path: String) -> Bool {
        switch operation {
        case .read: return (try? Files.read(path)) != nil
        case .modify: return chmod(path, Files.isDirectory(path) ? 0o700 : 0o600) == 0
        case .remove: return (Files.isDirectory(path) ? rmdir(path) : unlink(path)) == 0
        case .create:
            let file = clinux_open(path, O_CREAT | O_EXCL | O_WRONLY, 0o644)
            if file >= 0 { close(file) }
            return file >= 0
        case .makeDirectory: return mkdir(path, 0o755) == 0
        }
    }

    /// The upper directory, each entry with what it is.
    private func entries(_ upper: String) -> [String: LayerEntry.Kind] {
        var found: [String: LayerEntry.Kind] = [:]
        for path in Self.universe {
            var info = stat()
            if lstat("\(upper)/\(path)", &info) == -1 { continue }
            let isOpaque = lgetxattr("\(upper)/\(path)", "trusted.overlay.opaque", nil, 0) == 1
            found[path] =
                switch Int32(info.st_mode) & S_IFMT {
                case S_IFCHR: .whiteout
                case S_IFDIR: isOpaque ? .opaqueDirectory : .directory
                default: .file
                }
        }
        return found
    }

    /// What the upper directory should look like after these changes.
    private func apply(
        _ changes: [UpperChange], to upper: [String: LayerEntry.Kind], isDirectory: (String) -> Bool
    ) -> [String: LayerEntry.Kind] {
        var upper = upper
        for change in changes {
            switch change {
            case .copyUp(let path), .create(let path):
                upper[path] = isDirectory(path) ? .directory : .file
            case .createOpaque(let path): upper[path] = .opaqueDirectory
            case .remove(let path):
                upper = upper.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
            case .whiteout(let path): upper[path] = .whiteout
            }
        }
        return upper
    }

    @Test(arguments: seeds)
    func `copy-up changes in the upper directory what the kernel changes`(seed: Int) throws {
        var dice = Dice(seed: 1000 + seed)
        let scratch = try Scratch()
        let mount = try makeStack(scratch, &dice)
        try inMountNamespace {
            try mount.mount(rules: rules)
            var done = 0
            for _ in 0..<200 {
                let path = dice.pick(Self.universe)
                let merged = "\(mount.target)/\(path)"
                let operation: CopyUpRequest.Operation = dice.pick(
                    Files.exists(merged) ? [.read, .modify, .remove] : [.create, .makeDirectory])
                let before = entries(mount.upper)
                let changes = try LayerStack([mount.upper] + mount.lower, rules: rules)
                    .changes(operation, RelativePath(path)!)
                let removed = Files.isDirectory(merged)
                guard perform(operation, merged) else { continue }
                done += 1
                let expected = apply(changes, to: before) { name in
                    name == path && operation == .remove
                        ? removed : Files.isDirectory("\(mount.target)/\(name)")
                }
                var after = entries(mount.upper)
                // The kernel may mark a new directory opaque though nothing is below: it saves
                // lookups.
                for (name, kind) in after
                where kind == .opaqueDirectory && expected[name] == .directory {
                    if changes.contains(.create(name)) { after[name] = .directory }
                }
                #expect(after == expected, "seed \(seed), \(operation) \(path)")
            }
            #expect(done > 10)
            try OverlayMount.unmount(mount.target)
        }
    }

    /// A tree as text: what there is, in which mode, with which content.
    private func portrait(_ root: String) throws -> String {
        try stock(
            "sh", "-c",
            "cd \"$0\" && find . -mindepth 1 -printf '%P %y %m %l\\n' | sort"
                + " && find . -type f | sort | xargs -r cat",
            root)
    }

    @Test(arguments: seeds)
    func `a packed upper directory, unpacked as a layer, gives the same tree`(seed: Int) throws {
        var dice = Dice(seed: 2000 + seed)
        let scratch = try Scratch()
        let mount = try makeStack(scratch, &dice)
        try inMountNamespace {
            try mount.mount(rules: rules)
            for _ in 0..<60 {
                let path = "\(mount.target)/\(dice.pick(Self.universe))"
                _ = perform(
                    dice.pick(
                        Files.exists(path) ? [.modify, .remove] : [.create, .makeDirectory]), path)
            }
            let before = try portrait(mount.target)
            try OverlayMount.unmount(mount.target)
            try LayerPacker(to: scratch("layer.tar"), rules: rules).pack(upper: mount.upper)
            try expectSame(before, scratch, below: mount.lower)
        }
    }

    @Test(arguments: seeds)
    func `a layer of differences turns the one tree into the other`(seed: Int) throws {
        var dice = Dice(seed: 3000 + seed)
        let scratch = try Scratch()
        try makeLayer(scratch("before"), &dice, isBase: true)
        try makeLayer(scratch("after"), &dice, isBase: true)
        try LayerPacker(to: scratch("layer.tar"), rules: rules)
            .pack(before: scratch("before"), after: scratch("after"))
        try inMountNamespace {
            try expectSame(try portrait(scratch("after")), scratch, below: [scratch("before")])
        }
    }

    /// Unpacks layer.tar, puts it upon `lower`, and compares.
    private func expectSame(_ expected: String, _ scratch: Scratch, below lower: [String]) throws {
        var unpacker = try Unpacker(into: scratch("again"), rules: rules)
        try unpacker.unpack(TarReader(try .open(scratch("layer.tar"))))
        let mount = OverlayMount(
            lower: [scratch("again")] + lower, upper: scratch("upper2"), work: scratch("work2"),
            target: scratch("merged2"))
        try mount.mount(rules: rules)
        #expect(try portrait(mount.target) == expected)
        try OverlayMount.unmount(mount.target)
    }

    @Test func `directories with colons, commas and backslashes in their names are mounted`() throws
    {
        let scratch = try Scratch()
        let (lower, upper) = (scratch(#"lo:w,e\r"#), scratch(#"up:p,e\r"#))
        try Files.makeDirectories(lower)
        try Files.write("below", to: "\(lower)/f")
        try inMountNamespace {
            let mount = OverlayMount(
                lower: [lower], upper: upper, work: scratch("wo:r,k"), target: scratch("ta:r,get"))
            try mount.mount(rules: rules)
            #expect(try Files.readText("\(mount.target)/f") == "below")
            try Files.write("above", to: "\(mount.target)/g")
            #expect(try Files.readText("\(upper)/g") == "above")
            try OverlayMount.unmount(mount.target)
        }
    }

    @Test func `a second mount on one target is refused, a second unmount is fine`() throws {
        let scratch = try Scratch()
        try Files.makeDirectories(scratch("lower"))
        let mount = OverlayMount(
            lower: [scratch("lower")], upper: scratch("u"), work: scratch("w"), target: scratch("t")
        )
        try inMountNamespace {
            try mount.mount(rules: rules)
            #expect(
                throws: SnapshotError.badMount(
                    "\(mount.target) is a mount point already: unmount it first")
            ) {
                try mount.mount(rules: rules)
            }
            try OverlayMount.unmount(mount.target)
            try OverlayMount.unmount(mount.target)
        }
    }

    @Test func `a lower layer that is not there is named`() throws {
        let scratch = try Scratch()
        let mount = OverlayMount(
            lower: [scratch("nope")], upper: scratch("u"), work: scratch("w"), target: scratch("t"))
        #expect(
            throws: SnapshotError.badMount("the lower layer \(scratch("nope")) is no directory")
        ) {
            try mount.mount(rules: rules)
        }
    }
}
