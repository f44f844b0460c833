import ContractOverlay
import Linux

/// A stack of layers as directories, topmost first, and questions about a path in it.
public struct LayerStack: Sendable {
    public let directories: [String]
    private let rules: any OverlayRules

    public init(_ directories: [String], rules: any OverlayRules) {
        (self.directories, self.rules) = (directories, rules)
    }

    /// What `path` is in the merged tree. Links within the path are not followed.
    public func lookup(_ path: RelativePath) throws -> OverlayView {
        guard let text = path.text else { return .absent }
        let layers = try directories.map { try Self.entries(in: $0, along: path) }
        return try rules.lookup(OverlayLookup(path: text, layers: layers))
    }

    /// What doing `operation` to `path` would change in the topmost directory, taken as the upper
    /// one.
    public func changes(_ operation: CopyUpRequest.Operation, _ path: RelativePath) throws
        -> [UpperChange]
    {
        let below = LayerStack(Array(directories.dropFirst()), rules: rules)
        let elements = try path.prefixes.map { prefix in
            let upper = try Self.entries(in: directories[0], along: prefix)
            let isThere = upper.count == prefix.names.count && upper.last?.kind != .whiteout
            return CopyUpRequest.Element(
                "\(prefix)", inUpper: isThere, inLower: try below.lookup(prefix) != .absent)
        }
        return try rules.copyUp(CopyUpRequest(operation, elements))
    }

    /// What the layer that shows something at `path` has there; nil where nothing is seen.
    func find(_ path: RelativePath) throws -> OnDisk? {
        switch try lookup(path) {
        case .absent: nil
        case .file(let layer): try Tree(directories[layer]).find(path)
        case .directory(let layers):
            if let first = layers.first { try Tree(directories[first]).find(path) } else { nil }
        }
    }

    /// What a layer has along a path, down to the first thing that is no directory.
    private static func entries(in layer: String, along path: RelativePath) throws -> [LayerEntry] {
        let tree = try Tree(layer)
        var entries: [LayerEntry] = []
        for prefix in path.prefixes {
            guard let found = try tree.find(prefix) else { break }
            entries.append(try found.layerEntry())
            if found.type != S_IFDIR { break }
        }
        return entries
    }
}

// MARK: On a command line

extension LayerStack {
    /// Directories as `overlay --lower` takes them: colons between, and a `\` before one in a name.
    public static func joined(_ directories: [String]) -> String {
        let escaped = directories.map { directory in
            directory.utf8.flatMap { isSpecial($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
        }
        return String(decoding: Array(escaped.joined(separator: ":".utf8)), as: UTF8.self)
    }

    /// The other way round; empty names are left out.
    public static func split(_ text: String) -> [String] {
        var directories: [[UInt8]] = [[]]
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped || !isSpecial(byte) {
                directories[directories.count - 1].append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                directories.append([])
            }
        }
        return directories.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ":") || byte == UInt8(ascii: "\\")
    }
}
