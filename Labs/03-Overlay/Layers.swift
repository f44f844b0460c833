import ContractOverlay

extension Overlay {
    /// In a tar, `dir/.wh.name` says that `dir/name` is gone, and `dir/.wh..wh..opq` that nothing
    /// of `dir` is seen from below. Other names that begin with `.wh..wh.` are reserved: AUFS kept
    /// its own files under them.
    public func unpack(_ name: String) throws -> UnpackAction {
        // step 03.6 begin
        throw Unfinished("03.6")
        // step 03.6 end
    }

    /// The other way round. A whiteout is a character device with the numbers 0:0; a directory is
    /// opaque if `trusted.overlay.opaque`, or `user.overlay.opaque` in a user namespace, is `y`.
    public func pack(_ entry: UpperEntry) throws -> [PackedEntry] {
        // step 03.6 begin
        throw Unfinished("03.6")
        // step 03.6 end
    }

    /// Without an overlay, a layer is found by comparing two trees. A directory that is gone takes
    /// one whiteout for all that was in it; one that became a file takes none, since the file hides
    /// it.
    public func layerDiff(_ trees: TreePair) throws -> [LayerChange] {
        // step 03.7 begin
        throw Unfinished("03.7")
        // step 03.7 end
    }
}
