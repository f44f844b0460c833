import ContractOverlay

extension Overlay {
    /// Only the upper directory can be renamed in. A file is copied up whole and then renamed; a
    /// directory that gets names from below would have to take all of them along, unless the mount
    /// lets it say where they are. What was below still is, and has to be hidden.
    public func rename(_ request: RenameRequest) throws -> RenameOutcome {
        // step 03.5 begin
        let takesNamesFromBelow = request.inLower && !request.isOpaque
        if request.isDirectory && takesNamesFromBelow && !request.redirectDir {
            return .crossDevice
        }
        return request.inLower ? .renamedLeavingWhiteout : .renamed
        // step 03.5 end
    }

    /// A copy-up copies one name. In the upper directory that name is a file of its own, unless an
    /// index remembers that it was one with the others.
    public func seenAfterWrite(_ request: LinkedWrite) throws -> [String] {
        // step 03.5 begin
        let staysOneFile = request.inUpper || request.index
        return staysOneFile ? request.names.sorted() : [request.written]
        // step 03.5 end
    }
}
