import ContractOverlay

extension Overlay {
    /// In a tar, `dir/.wh.name` says that `dir/name` is gone, and `dir/.wh..wh..opq` that nothing
    /// of `dir` is seen from below. Other names that begin with `.wh..wh.` are reserved: AUFS kept
    /// its own files under them.
    public func unpack(_ name: String) throws -> UnpackAction {
        // step 03.6 begin
        let slash = name.lastIndex(of: "/")
        let directory = slash.map { String(name[..<$0]) } ?? ""
        let last = slash.map { name[name.index(after: $0)...] } ?? name[...]
        guard last.hasPrefix(".wh.") else { return .create(name) }
        if last == ".wh..wh..opq" { return .opaque(directory) }
        if last.hasPrefix(".wh..wh.") { return .skip }
        return .whiteout((directory.isEmpty ? "" : directory + "/") + last.dropFirst(4))
        // step 03.6 end
    }

    /// The other way round. A whiteout is a character device with the numbers 0:0; a directory is
    /// opaque if `trusted.overlay.opaque`, or `user.overlay.opaque` in a user namespace, is `y`.
    public func pack(_ entry: UpperEntry) throws -> [PackedEntry] {
        // step 03.6 begin
        let slash = entry.path.lastIndex(of: "/")
        let parent = slash.map { String(entry.path[...$0]) } ?? ""
        let name = entry.path.dropFirst(parent.count)
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
        let before = Dictionary(trees.before.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        let after = Dictionary(trees.after.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        func parent(_ path: String) -> String {
            path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        }
        var changes = trees.after.filter { before[$0.path] != $0 }.map {
            LayerChange($0.path, .entry)
        }
        for entry in trees.before where after[entry.path] == nil {
            // Where the parent is gone too, or is no directory any more, that has hidden this
            // already.
            let up = parent(entry.path)
            if up.isEmpty || after[up]?.isDirectory == true {
                changes.append(LayerChange(entry.path, .whiteout))
            }
        }
        return changes.sorted { $0.path < $1.path }
        // step 03.7 end
    }
}
