import ContractOverlay

extension Overlay {
    /// In a tar, `dir/.wh.name` says that `dir/name` is gone, and `dir/.wh..wh..opq` that nothing
    /// of `dir` is seen from below. Other names that begin with `.wh..wh.` are reserved: AUFS kept
    /// its own files under them.
    public func unpack(_ name: String) throws -> UnpackAction {
        // step 03.6 begin
        // Bytes, as the kernel sees them: a `Character` may be a slash and an accent on it.
        let slash = name.utf8.lastIndex(of: UInt8(ascii: "/"))
        let directory = slash.map { String(name[..<$0]) } ?? ""
        let last = name.utf8.suffix(from: slash.map(name.utf8.index(after:)) ?? name.startIndex)
        guard last.starts(with: ".wh.".utf8) else { return .create(name) }
        if last.elementsEqual(".wh..wh..opq".utf8) { return .opaque(directory) }
        if last.starts(with: ".wh..wh.".utf8) { return .skip }
        let hidden = Substring(last.dropFirst(4))
        return .whiteout((directory.isEmpty ? "" : directory + "/") + hidden)
        // step 03.6 end
    }

    /// The other way round. A whiteout is a character device with the numbers 0:0; a directory is
    /// opaque if `trusted.overlay.opaque`, or `user.overlay.opaque` in a user namespace, is `y`.
    public func pack(_ entry: UpperEntry) throws -> [PackedEntry] {
        // step 03.6 begin
        let slash = entry.path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let start = slash.map(entry.path.utf8.index(after:)) ?? entry.path.startIndex
        let (parent, name) = (entry.path[..<start], entry.path[start...])
        if entry.kind == .characterDevice && entry.major == 0 && entry.minor == 0 {
            return [.marker("\(parent).wh.\(name)")]
        }
        let isOpaque = ["trusted.overlay.opaque", "user.overlay.opaque"]
            .contains { entry.attributes[$0] == "y" }
        if entry.kind == .directory && isOpaque {
            return [.same(entry.path), .marker("\(entry.path)/.wh..wh..opq")]
        }
        return [.same(entry.path)]
        // step 03.6 end
    }

    /// Without an overlay, a layer is found by comparing two trees. A directory that is gone takes
    /// one whiteout for all that was in it; one that became a file takes none, since the file hides
    /// it.
    public func layerDiff(_ trees: TreePair) throws -> [LayerChange] {
        // step 03.7 begin
        // By bytes: to Swift, é and e with an accent on it are equal strings; they are two names.
        func bytes(_ path: String) -> [UInt8] { Array(path.utf8) }
        func table(_ tree: [TreeEntry]) -> [[UInt8]: TreeEntry] {
            Dictionary(tree.map { (bytes($0.path), $0) }, uniquingKeysWith: { $1 })
        }
        let (before, after) = (table(trees.before), table(trees.after))
        func parent(_ path: [UInt8]) -> [UInt8] {
            Array(path.prefix(upTo: path.lastIndex(of: UInt8(ascii: "/")) ?? 0))
        }
        var changes = trees.after.filter { before[bytes($0.path)] != $0 }.map {
            LayerChange($0.path, .entry)
        }
        for entry in trees.before where after[bytes(entry.path)] == nil {
            // Where the parent is gone too, or is no directory any more, that has hidden this
            // already.
            let up = parent(bytes(entry.path))
            if up.isEmpty || after[up]?.isDirectory == true {
                changes.append(LayerChange(entry.path, .whiteout))
            }
        }
        return changes.sorted { bytes($0.path).lexicographicallyPrecedes(bytes($1.path)) }
        // step 03.7 end
    }
}
