import ContractOverlay

extension Overlay {
    /// An image's manifest has the base first; `lowerdir=` wants the topmost first, with a colon
    /// between. In a path, the kernel takes `:` for the end of it, `,` for the end of the option
    /// and `\` for an escape, unless a `\` stands before it.
    public func lowerdir(_ layers: [String]) throws -> String {
        // step 03.1 begin
        throw Unfinished("03.1")
        // step 03.1 end
    }

    /// The kernel walks a path one name at a time. At each name it asks the layers that gave it the
    /// directory so far, topmost first, and no others.
    public func lookup(_ question: OverlayLookup) throws -> OverlayView {
        // step 03.2 begin
        throw Unfinished("03.2")
        // step 03.2 end
    }

    /// Lower layers are never written. Whatever is to change has to be in the upper directory first;
    /// what was below and is to be gone has to be hidden.
    public func copyUp(_ request: CopyUpRequest) throws -> [UpperChange] {
        guard let last = request.elements.last else { return [] }
        switch request.operation {
        case .read: return []
        case .modify: return try raise(request.elements[...])
        case .remove, .create, .makeDirectory:
            let directories = try raise(request.elements.dropLast())
            return try directories + replace(last, request.operation)
        }
    }

    /// All of a path's elements are in the upper directory afterwards.
    private func raise(_ elements: ArraySlice<CopyUpRequest.Element>) throws -> [UpperChange] {
        // step 03.3 begin
        throw Unfinished("03.3")
        // step 03.3 end
    }

    /// The directory that leads there is in the upper one already. Afterwards the merged tree shows
    /// what the operation leaves, and nothing else, whatever the lower layers have.
    private func replace(
        _ last: CopyUpRequest.Element, _ operation: CopyUpRequest.Operation
    ) throws -> [UpperChange] {
        // step 03.4 begin
        throw Unfinished("03.4")
        // step 03.4 end
    }
}
