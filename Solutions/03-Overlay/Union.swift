import Contracts

extension Overlay {
    /// An image's manifest has the base first; `lowerdir=` wants the topmost first, with a colon
    /// between. In a path, the kernel takes `:` for the end of it, `,` for the end of the option
    /// and `\` for an escape, unless a `\` stands before it.
    public func lowerdir(_ layers: [String]) throws -> String {
        // step 03.1 begin
        layers.reversed().map { layer in
            var escaped = ""
            for character in layer {
                if ":,\\".contains(character) { escaped.append("\\") }
                escaped.append(character)
            }
            return escaped
        }.joined(separator: ":")
        // step 03.1 end
    }

    /// The kernel walks a path one name at a time. At each name it asks the layers that gave it the
    /// directory so far, topmost first, and no others.
    public func lookup(_ question: OverlayLookup) throws -> OverlayView {
        // step 03.2 begin
        var view = OverlayView.directory(layers: Array(question.layers.indices))
        var path = ""
        for name in question.path.split(separator: "/") {
            guard case .directory(let layers) = view else { return .absent }
            path += path.isEmpty ? String(name) : "/\(name)"
            view = .absent
            var merged: [Int] = []
            scan: for layer in layers {
                switch question.layers[layer].first(where: { $0.path == path })?.kind {
                case nil: continue
                case .whiteout: break scan
                case .file:
                    if merged.isEmpty { view = .file(layer: layer) }
                    break scan
                case .directory: merged.append(layer)
                case .opaqueDirectory:
                    merged.append(layer)
                    break scan
                }
            }
            if !merged.isEmpty { view = .directory(layers: merged) }
        }
        return view
        // step 03.2 end
    }

    /// Lower layers are never written. Whatever is to change has to be in the upper directory
    /// first, and so have the directories that lead to it; what was below and is to be gone has to
    /// be hidden.
    public func copyUp(_ request: CopyUpRequest) throws -> [UpperChange] {
        // step 03.3 begin
        guard request.operation != .read, let last = request.elements.last else { return [] }
        var changes = request.elements.dropLast().filter { !$0.inUpper }
            .map { UpperChange.copyUp($0.path) }
        switch request.operation {
        case .read: break
        case .modify:
            if !last.inUpper { changes.append(.copyUp(last.path)) }
        case .remove:
            if last.inUpper { changes.append(.remove(last.path)) }
            if last.inLower { changes.append(.whiteout(last.path)) }
        case .create:
            changes.append(.create(last.path))
        case .makeDirectory:
            changes.append(last.inLower ? .createOpaque(last.path) : .create(last.path))
        }
        return changes
        // step 03.3 end
    }
}
