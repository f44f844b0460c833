import Contracts

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

    /// Lower layers are never written. Whatever is to change has to be in the upper directory
    /// first, and so have the directories that lead to it; what was below and is to be gone has to
    /// be hidden.
    public func copyUp(_ request: CopyUpRequest) throws -> [UpperChange] {
        // step 03.3 begin
        throw Unfinished("03.3")
        // step 03.3 end
    }
}
