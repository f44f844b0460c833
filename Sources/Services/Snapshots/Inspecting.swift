import ContractOverlay
import Linux

/// What lies at one path of a layer's directory.
struct OnDisk {
    let info: stat
    let path: String

    /// Nil where nothing is there.
    init?(_ path: String) throws(SystemError) {
        var info = stat()
        if lstat(path, &info) == -1 {
            let errno = Errno.current
            if errno == .noEntry || errno.rawValue == ENOTDIR { return nil }
            throw SystemError("stat \(path)", errno)
        }
        (self.info, self.path) = (info, path)
    }

    var type: Int32 { Int32(info.st_mode) & S_IFMT }
    var isWhiteout: Bool { type == S_IFCHR && info.st_rdev == 0 }

    /// All extended attributes; none where the file system has none.
    func attributes() throws(SystemError) -> [String: [UInt8]] {
        var names = [CChar](repeating: 0, count: 64 << 10)
        let length = llistxattr(path, &names, names.count)
        if length < 0 {
            let errno = Errno.current
            if errno.rawValue == ENOTSUP { return [:] }
            throw SystemError("list the attributes of \(path)", errno)
        }
        var attributes: [String: [UInt8]] = [:]
        for name in names[..<length].split(separator: 0) {
            let name = String(decoding: name.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            var value = [UInt8](repeating: 0, count: 64 << 10)
            let size = lgetxattr(path, name, &value, value.count)
            if size >= 0 { attributes[name] = Array(value[..<size]) }
        }
        return attributes
    }

    /// Overlay's own attributes, as text.
    func overlayAttributes() throws(SystemError) -> [String: String] {
        var own: [String: String] = [:]
        for (name, value) in try attributes() where OnDisk.isOverlays(name) {
            own[name] = String(decoding: value, as: UTF8.self)
        }
        return own
    }

    static func isOverlays(_ name: String) -> Bool {
        name.hasPrefix("trusted.overlay.") || name.hasPrefix("user.overlay.")
    }

    func upperEntry(_ relative: String) throws(SystemError) -> UpperEntry {
        let kind: UpperEntry.Kind =
            switch type {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFCHR: .characterDevice
            default: .other
            }
        let isDevice = kind == .characterDevice
        return UpperEntry(
            relative, kind, major: isDevice ? Int(clinux_major(info.st_rdev)) : 0,
            minor: isDevice ? Int(clinux_minor(info.st_rdev)) : 0,
            attributes: try overlayAttributes())
    }

    func layerEntry(_ relative: String) throws(SystemError) -> LayerEntry {
        if isWhiteout { return LayerEntry(relative, .whiteout) }
        guard type == S_IFDIR else { return LayerEntry(relative, .file) }
        let isOpaque = try overlayAttributes().contains {
            $0.key.hasSuffix(".overlay.opaque") && $0.value == "y"
        }
        return LayerEntry(relative, isOpaque ? .opaqueDirectory : .directory)
    }
}

/// A stack of layers as directories, topmost first, and questions about a path in it.
public struct LayerStack: Sendable {
    public let directories: [String]
    private let rules: any OverlayRules

    public init(_ directories: [String], rules: any OverlayRules) {
        (self.directories, self.rules) = (directories, rules)
    }

    /// What `path` is in the merged tree. Links within the path are not followed.
    public func lookup(_ path: String) throws -> OverlayView {
        let path = path.relative
        let layers = try directories.map { try Self.entries(in: $0, along: path) }
        return try rules.lookup(OverlayLookup(path: path, layers: layers))
    }

    /// What doing `operation` to `path` would change in the topmost directory, taken as the upper
    /// one.
    public func changes(_ operation: CopyUpRequest.Operation, _ path: String) throws
        -> [UpperChange]
    {
        let below = LayerStack(Array(directories.dropFirst()), rules: rules)
        let elements = try Self.prefixes(path.relative).map { prefix in
            let upper = try Self.entries(in: directories[0], along: prefix).last
            return CopyUpRequest.Element(
                prefix, inUpper: upper.map { $0.path == prefix && $0.kind != .whiteout } ?? false,
                inLower: try below.lookup(prefix) != .absent)
        }
        return try rules.copyUp(CopyUpRequest(operation, elements))
    }

    /// What a layer has along a path, down to the first thing that is no directory.
    private static func entries(in layer: String, along path: String) throws -> [LayerEntry] {
        var entries: [LayerEntry] = []
        for prefix in prefixes(path) {
            guard let found = try OnDisk("\(layer)/\(prefix)") else { break }
            entries.append(try found.layerEntry(prefix))
            if found.type != S_IFDIR { break }
        }
        return entries
    }

    /// `a/b/c`: `a`, `a/b`, `a/b/c`.
    private static func prefixes(_ path: String) -> [String] {
        let names = path.split(separator: "/")
        return names.indices.map { names[...$0].joined(separator: "/") }
    }
}
