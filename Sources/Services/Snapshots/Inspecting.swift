import ContractOverlay
import Linux

/// What lies at one path of a layer's directory.
struct OnDisk: ~Copyable {
    let place: Place
    let info: stat

    /// Nil where nothing is there.
    init?(_ place: consuming Place) throws(SystemError) {
        guard let info = try place.status() else { return nil }
        self.info = info
        self.place = place
    }

    var type: Int32 { info.type }

    /// Overlay's own attributes, as text.
    func overlayAttributes() throws(SystemError) -> [String: String] {
        var own: [String: String] = [:]
        for (name, value) in try place.attributes() where OnDisk.isOverlays(name) {
            own[name] = String(decoding: value, as: UTF8.self)
        }
        return own
    }

    static func isOverlays(_ name: String) -> Bool {
        name.startsWithBytes(of: "trusted.overlay.") || name.startsWithBytes(of: "user.overlay.")
    }

    /// The path as the rules are told it, in JSON: text.
    func text() throws -> String {
        guard let text = place.path.text else {
            throw SnapshotError.hostileEntry("\(place.path)", "its name is not UTF-8")
        }
        return text
    }

    func upperEntry() throws -> UpperEntry {
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
            try text(), kind, major: isDevice ? Int(clinux_major(info.st_rdev)) : 0,
            minor: isDevice ? Int(clinux_minor(info.st_rdev)) : 0,
            attributes: try overlayAttributes())
    }

    func layerEntry() throws -> LayerEntry {
        let path = try text()
        if info.isWhiteout { return LayerEntry(path, .whiteout) }
        guard type == S_IFDIR else { return LayerEntry(path, .file) }
        let isOpaque = try overlayAttributes().contains {
            ["trusted.overlay.opaque", "user.overlay.opaque"].contains($0.key) && $0.value == "y"
        }
        return LayerEntry(path, isOpaque ? .opaqueDirectory : .directory)
    }

    /// As an entry of a tar, without its data; nil for a socket, which a tar can't hold.
    func tarEntry() throws -> TarEntry? {
        guard let kind = try tarKind() else { return nil }
        var entry = TarEntry(
            try text(), kind, mode: info.st_mode & 0o7777, user: info.st_uid, group: info.st_gid,
            modified: info.st_mtim.tv_sec, nanoseconds: info.st_mtim.tv_nsec)
        entry.attributes = try place.attributes().filter { TarEntry.mayCarry($0.key) }
        if kind == .file { entry.size = Int(info.st_size) }
        return entry
    }

    private func tarKind() throws -> TarEntry.Kind? {
        let device = (major: clinux_major(info.st_rdev), minor: clinux_minor(info.st_rdev))
        return switch type {
        case S_IFREG: .file
        case S_IFDIR: .directory
        case S_IFLNK: .symbolicLink(target: try linkText())
        case S_IFCHR: .characterDevice(major: device.major, minor: device.minor)
        case S_IFBLK: .blockDevice(major: device.major, minor: device.minor)
        case S_IFIFO: .fifo
        default: nil
        }
    }

    private func linkText() throws -> String {
        guard let text = String(validating: try place.linkTarget(), as: UTF8.self) else {
            throw SnapshotError.hostileEntry("\(place.path)", "its link's target is not UTF-8")
        }
        return text
    }
}
