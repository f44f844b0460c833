import Linux
import Objects
import PodRuntime
import PodWork

/// Where a volume is on the node.
struct MountedVolume: Sendable {
    var path: String
    /// Copies of objects are nobody's to change.
    var isReadOnly = false
}

/// Makes a pod's volumes below `pods/UID/volumes` and says where each is.
struct Volumes: Sendable {
    let root: String

    func directory(_ pod: Pod) -> String { "\(root)/pods/\(pod.metadata.uid ?? "")" }

    /// - Parameter written: what was written into the volumes before, by their names; changed here.
    /// - Returns: the volumes by their names in the pod.
    /// - Throws: `ConfigError` for the first that can't be had. An empty directory in its place would lose data.
    func prepare(
        _ pod: Pod, _ facts: ContainerFacts, written: inout [String: [VolumeFile]]
    ) throws -> [String: MountedVolume] {
        var mounted: [String: MountedVolume] = [:]
        for volume in pod.spec.volumes ?? [] {
            do {
                mounted[volume.name] = try prepare(volume, pod, facts, &written[volume.name])
            } catch {
                throw ConfigError(
                    "MountVolume.SetUp failed for volume \"\(volume.name)\": \(error)")
            }
        }
        return mounted
    }

    private func prepare(
        _ volume: Volume, _ pod: Pod, _ facts: ContainerFacts, _ written: inout [VolumeFile]?
    ) throws -> MountedVolume {
        if let host = volume.hostPath { return MountedVolume(path: try HostPath(host).checked()) }
        if let claim = volume.claim {
            return MountedVolume(path: try path(of: claim, facts.claims[claim] ?? .missing, pod))
        }
        if let other = volume.others.keys.min() {
            throw ConfigError("volumes of kind \(other) are not supported by this node")
        }
        let path = "\(directory(pod))/volumes/\(volume.name)"
        let group = pod.spec.securityContext?.fsGroup.flatMap { gid_t(exactly: $0) }
        guard let files = try volumeFiles(volume, of: pod, facts) else {
            try makeEmpty(path, volume.emptyDir, group)
            return MountedVolume(path: path)
        }
        // What may be secret never touches the disk.
        if try makeDirectory(path, inMemory: volume.configMap == nil, options: "mode=755") {
            try give(path, to: group, mode: 0o755)
        }
        if written != files {
            try AtomicDirectory(path, group: group).write(files)
            written = files
        }
        return MountedVolume(path: path, isReadOnly: true)
    }

    private func path(of claim: String, _ facts: ClaimFacts, _ pod: Pod) throws(ConfigError)
        -> String
    {
        let name = "\(pod.metadata.namespace ?? "default")/\(claim)"
        switch facts {
        case .directory(let path): return path
        case .missing: throw ConfigError("persistentvolumeclaim \"\(claim)\" not found")
        case .unbound: throw ConfigError("PersistentVolumeClaim is not bound: \"\(name)\"")
        case .unsupported:
            throw ConfigError(
                "\"\(name)\" is bound to a kind of volume that is not supported by this node")
        }
    }

    private func makeEmpty(_ path: String, _ source: Volume.EmptyDir?, _ group: gid_t?) throws {
        let limit = source?.sizeLimit.map { "size=\($0.units)" } ?? ""
        if try makeDirectory(path, inMemory: source?.medium == "Memory", options: limit) {
            try give(path, to: group, mode: 0o777)
        }
    }

    /// - Returns: false where it was there already, in memory if it is to be: a node that was started again has the
    ///   directories and no mounts.
    private func makeDirectory(_ path: String, inMemory: Bool, options: String) throws -> Bool {
        let isThere = Files.exists(path)
        if isThere, !inMemory || isMountPoint(path) { return false }
        try Files.makeDirectories(path)
        guard inMemory else { return true }
        try check("mount tmpfs on \(path)") {
            mount("tmpfs", path, "tmpfs", UInt(MS_NOSUID | MS_NODEV), options)
        }
        return true
    }

    private func isMountPoint(_ path: String) -> Bool {
        var (own, above) = (stat(), stat())
        return lstat(path, &own) == 0 && lstat("\(path)/..", &above) == 0
            && own.st_dev != above.st_dev
    }

    /// The group owns the volume, and what is made in it later too: the set-group-ID bit hands the group on.
    private func give(_ path: String, to group: gid_t?, mode: mode_t) throws {
        if let group { try check("chown \(path)") { lchown(path, uid_t.max, group) } }
        try check("chmod \(path)") { chmod(path, group == nil ? mode : mode | 0o2070) }
    }

    /// Takes the pod's volumes away, all but what is the node's own.
    func remove(_ uid: String) throws {
        let path = "\(root)/pods/\(uid)"
        for name in (try? Files.list("\(path)/volumes")) ?? [] { unmountAll("\(path)/volumes/\(name)") }
        for container in (try? Files.list("\(path)/subpaths")) ?? [] {
            let directory = "\(path)/subpaths/\(container)"
            for index in try Files.list(directory) { removeMountPoint("\(directory)/\(index)") }
            // Not empty where something is mounted still, and that is not the pod's alone to lose.
            try check("rmdir \(directory)") { rmdir(directory) }
        }
        try Files.removeTree(path)
    }
}

/// Takes away what is mounted there, and the place. The kernel refuses both calls at a place where something is mounted
/// still, so nothing that was mounted is ever removed.
func removeMountPoint(_ path: String) {
    unmountAll(path)
    if rmdir(path) == -1 { unlink(path) }
}

/// A directory or file of the node, of the kind that the pod counts on.
private struct HostPath {
    let path: String
    let type: String

    init(_ source: Volume.HostPath) { (path, type) = (source.path, source.type ?? "") }

    func checked() throws -> String {
        switch type {
        case "": break
        case "DirectoryOrCreate": if kind == nil { try Files.makeDirectories(path) }
        case "FileOrCreate": if kind == nil { try Files.write("", to: path) }
        default: break
        }
        let wanted: [String: (Int32, String)] = [
            "Directory": (S_IFDIR, "directory"), "DirectoryOrCreate": (S_IFDIR, "directory"),
            "File": (S_IFREG, "file"), "FileOrCreate": (S_IFREG, "file"),
            "Socket": (S_IFSOCK, "socket"), "CharDevice": (S_IFCHR, "character device"),
            "BlockDevice": (S_IFBLK, "block device"),
        ]
        if let (mask, name) = wanted[type], kind != mask {
            throw ConfigError("hostPath type check failed: \(path) is not a \(name)")
        }
        return path
    }

    /// The type bits of what is there; nil for nothing.
    private var kind: Int32? {
        var info = stat()
        return stat(path, &info) == 0 ? Int32(info.st_mode) & S_IFMT : nil
    }
}
