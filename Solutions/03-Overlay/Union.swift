import ContractOverlay

extension Overlay {
    /// An image's manifest has the base first; `lowerdir=` wants the topmost first, with a colon
    /// between. In a path, the kernel takes `:` for the end of it, `,` for the end of the option
    /// and `\` for an escape, unless a `\` stands before it.
    public func lowerdir(_ layers: [String]) throws -> String {
        // step 03.1 begin
        layers.reversed().map { layer in
            var escaped = ""
            for scalar in layer.unicodeScalars {
                if ":,\\".unicodeScalars.contains(scalar) { escaped.append("\\") }
                escaped.unicodeScalars.append(scalar)
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
        // Bytes, as the kernel sees them: a `Character` may be a slash and an accent on it.
        var path: [UInt8] = []
        for name in question.path.utf8.split(separator: UInt8(ascii: "/")) {
            guard case .directory(let layers) = view else { return .absent }
            path += path.isEmpty ? Array(name) : [UInt8(ascii: "/")] + name
            view = .absent
            var merged: [Int] = []
            scan: for layer in layers {
                let entry = question.layers[layer].first { $0.path.utf8.elementsEqual(path) }
                switch entry?.kind {
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
        var changes: [UpperChange] = []
        for element in elements where !element.inUpper {
            changes.append(.copyUp(element.path))
        }
        return changes
        // step 03.3 end
    }

    /// The directory that leads there is in the upper one already. Afterwards the merged tree shows
    /// what the operation leaves, and nothing else, whatever the lower layers have.
    private func replace(
        _ last: CopyUpRequest.Element, _ operation: CopyUpRequest.Operation
    ) throws -> [UpperChange] {
        // step 03.4 begin
        var changes: [UpperChange] = []
        switch operation {
        case .read, .modify: break
        case .remove:
            if last.inUpper { changes.append(.remove(last.path)) }
            if last.inLower { changes.append(.whiteout(last.path)) }
        case .create:
            changes.append(.create(last.path))
        case .makeDirectory:
            changes.append(last.inLower ? .createOpaque(last.path) : .create(last.path))
        }
        return changes
        // step 03.4 end
    }
}
