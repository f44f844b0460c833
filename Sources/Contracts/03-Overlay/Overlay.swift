@_exported import Contract

/// Lab 03: how layers become one tree, and a tree becomes a layer.
///
/// Sources: Documentation/filesystems/overlayfs.rst of the kernel; mount(8) for the options;
/// `layer.md` of the OCI image specification for the `.wh.` files of a layer's tar.
///
/// Paths are relative, without a leading or trailing slash: `etc/passwd`. The root itself is the
/// empty path.
public protocol OverlayRules: Sendable {
    /// Step 03.1: the value of the mount option `lowerdir=`.
    /// - Parameter layers: directories in the order of an image's manifest, the base first.
    func lowerdir(_ layers: [String]) throws -> String

    /// Step 03.2: what a path is in the merged tree.
    func lookup(_ question: OverlayLookup) throws -> OverlayView

    /// Steps 03.3 and 03.4: what changes in the upper directory when a path of the merged tree is
    /// worked on.
    func copyUp(_ request: CopyUpRequest) throws -> [UpperChange]

    /// Step 03.5: what rename(2) does to a path of the merged tree.
    func rename(_ request: RenameRequest) throws -> RenameOutcome

    /// Step 03.5: a file has several names (hard links), and one of them is written to. Which names
    /// show the new content afterwards, sorted?
    func seenAfterWrite(_ request: LinkedWrite) throws -> [String]

    /// Step 03.6: what an entry of a layer's tar becomes on disk.
    /// - Parameter name: the entry's path in the tar.
    func unpack(_ name: String) throws -> UnpackAction

    /// Step 03.6: what an entry of an upper directory becomes in a layer's tar, in this order.
    func pack(_ entry: UpperEntry) throws -> [PackedEntry]

    /// Step 03.7: what has to be in a layer that turns one tree into another, sorted by path.
    func layerDiff(_ trees: TreePair) throws -> [LayerChange]

    /// Step 03.8: the directories of one container's mount. Containers of one image share its layers;
    /// whatever a container writes is its own.
    func containerMount(_ request: ContainerRequest) throws -> ContainerMount
}

/// The student's or the reference's rules.
public protocol OverlayPart: OverlayRules, Part {}

// MARK: 03.2

/// What one layer has under a path.
public struct LayerEntry: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable {
        /// Anything that is no directory: a regular file, a symbolic link, a device.
        case file
        /// A directory: it merges with those of the same path below.
        case directory
        /// A directory that hides whatever is at its path below.
        case opaqueDirectory
        /// Nothing, and nothing below either.
        case whiteout
    }
    public var path: String
    public var kind: Kind

    public init(_ path: String, _ kind: Kind) { (self.path, self.kind) = (path, kind) }
}

public struct OverlayLookup: Codable, Hashable, Sendable {
    public var path: String
    /// Each layer's entries; the topmost layer first. A layer may leave out its root, which is a
    /// directory.
    public var layers: [[LayerEntry]]

    public init(path: String, layers: [[LayerEntry]]) { (self.path, self.layers) = (path, layers) }
}

/// What is seen under a path in the merged tree.
public enum OverlayView: Codable, Hashable, Sendable {
    case absent
    /// A file, and the number of the layer that it comes from; 0 is the topmost.
    case file(layer: Int)
    /// A directory, and all layers that give it names, topmost first.
    case directory(layers: [Int])
}

// MARK: 03.3 and 03.4

public struct CopyUpRequest: Codable, Hashable, Sendable {
    public enum Operation: String, Codable, Hashable, Sendable {
        case read
        /// Any change of data or of attributes: write, truncate, chmod, chown.
        case modify
        /// unlink or rmdir (of a directory that looks empty).
        case remove
        /// A new file, where none is seen.
        case create
        /// A new directory, where none is seen.
        case makeDirectory
    }
    /// One element of the path, from the first to the last.
    public struct Element: Codable, Hashable, Sendable {
        public var path: String
        /// The upper directory has an entry here that is no whiteout.
        public var inUpper: Bool
        /// The lower layers alone would show something here.
        public var inLower: Bool

        public init(_ path: String, inUpper: Bool, inLower: Bool) {
            (self.path, self.inUpper, self.inLower) = (path, inUpper, inLower)
        }
    }
    public var operation: Operation
    public var elements: [Element]

    public init(_ operation: Operation, _ elements: [Element]) {
        (self.operation, self.elements) = (operation, elements)
    }
}

/// One change in the upper directory.
public enum UpperChange: Codable, Hashable, Sendable {
    /// Copies a directory or a file up from below: a directory without what is in it, a file with
    /// all its data.
    case copyUp(String)
    /// Makes a new file or directory.
    case create(String)
    /// Makes a new directory that hides one below.
    case createOpaque(String)
    /// Takes the upper directory's own entry away.
    case remove(String)
    /// Makes a character device 0:0, which hides what is below.
    case whiteout(String)
}

// MARK: 03.5

/// A rename within the merged tree, to a name that is free.
public struct RenameRequest: Codable, Hashable, Sendable {
    public var isDirectory: Bool
    /// The upper directory has the entry.
    public var inUpper: Bool
    /// The lower layers alone would show something under the old name.
    public var inLower: Bool
    /// The upper directory's entry is a directory marked opaque.
    public var isOpaque: Bool
    /// The mount has redirect_dir=on: a directory in the upper one may say where below it was.
    public var redirectDir: Bool

    public init(
        isDirectory: Bool, inUpper: Bool, inLower: Bool, isOpaque: Bool = false,
        redirectDir: Bool = false
    ) {
        (self.isDirectory, self.inUpper, self.inLower) = (isDirectory, inUpper, inLower)
        (self.isOpaque, self.redirectDir) = (isOpaque, redirectDir)
    }
}

public enum RenameOutcome: String, Codable, Hashable, Sendable {
    /// It is done, and nothing is left under the old name in the upper directory.
    case renamed
    /// It is done, and a whiteout stands under the old name.
    case renamedLeavingWhiteout
    /// EXDEV, "Invalid cross-device link": the program has to copy.
    case crossDevice
}

/// One name of a file with several is written to.
public struct LinkedWrite: Codable, Hashable, Sendable {
    public var names: [String]
    public var written: String
    /// The file with all its names was made in the upper directory.
    public var inUpper: Bool
    /// The mount has index=on: the work directory remembers which lower file was copied up.
    public var index: Bool

    public init(names: [String], written: String, inUpper: Bool, index: Bool = false) {
        (self.names, self.written) = (names, written)
        (self.inUpper, self.index) = (inUpper, index)
    }
}

// MARK: 03.6

/// What becomes of a tar entry.
public enum UnpackAction: Codable, Hashable, Sendable {
    /// The entry itself, at this path.
    case create(String)
    /// A whiteout: a character device 0:0 at this path.
    case whiteout(String)
    /// No entry: the directory at this path is marked opaque.
    case opaque(String)
    /// Nothing: the name is reserved and means nothing here.
    case skip
}

/// One entry of an upper directory.
public struct UpperEntry: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable {
        case file, directory, symbolicLink, characterDevice, other
    }
    public var path: String
    public var kind: Kind
    /// A device's numbers; 0 for anything else.
    public var major: Int
    public var minor: Int
    /// The extended attributes whose names begin with `trusted.overlay.` or `user.overlay.`.
    public var attributes: [String: String]

    public init(
        _ path: String, _ kind: Kind, major: Int = 0, minor: Int = 0,
        attributes: [String: String] = [:]
    ) {
        (self.path, self.kind, self.attributes) = (path, kind, attributes)
        (self.major, self.minor) = (major, minor)
    }
}

/// One entry of a layer's tar.
public enum PackedEntry: Codable, Hashable, Sendable {
    /// The entry of the upper directory as it is.
    case same(String)
    /// An empty file of this name.
    case marker(String)
}

// MARK: 03.7

/// One entry of a whole tree.
public struct TreeEntry: Codable, Hashable, Sendable {
    public var path: String
    public var isDirectory: Bool
    /// Equal where the entry is the same: mode, owner, content and so on, but not what is in a
    /// directory.
    public var fingerprint: String

    public init(_ path: String, isDirectory: Bool, _ fingerprint: String) {
        (self.path, self.isDirectory, self.fingerprint) = (path, isDirectory, fingerprint)
    }
}

public struct TreePair: Codable, Hashable, Sendable {
    public var before: [TreeEntry]
    public var after: [TreeEntry]
    public init(before: [TreeEntry], after: [TreeEntry]) {
        (self.before, self.after) = (before, after)
    }
}

public struct LayerChange: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable {
        /// New, or not what it was: the entry of the tree after is in the layer.
        case entry
        /// Gone: a whiteout is in the layer.
        case whiteout
    }
    public var path: String
    public var kind: Kind
    public init(_ path: String, _ kind: Kind) { (self.path, self.kind) = (path, kind) }
}

// MARK: 03.8

/// A container to be, of an image whose layers are on the disk already.
public struct ContainerRequest: Codable, Hashable, Sendable {
    /// Directories in the order of the image's manifest, the base first.
    public var layers: [String]
    /// A name that no other container has: letters, digits and hyphens.
    public var container: String
    /// Where containers keep what is their own; absolute.
    public var root: String

    public init(layers: [String], container: String, root: String) {
        (self.layers, self.container, self.root) = (layers, container, root)
    }
}

/// The options of a mount. The kit makes the directories and mounts.
public struct ContainerMount: Codable, Hashable, Sendable {
    /// As in the mount option.
    public var lowerdir: String
    /// Absolute, below the root.
    public var upperdir: String
    /// Absolute, below the root; on the same file system as `upperdir`, and empty.
    public var workdir: String
    /// The mount point; absolute, below the root.
    public var merged: String

    public init(lowerdir: String, upperdir: String, workdir: String, merged: String) {
        (self.lowerdir, self.upperdir) = (lowerdir, upperdir)
        (self.workdir, self.merged) = (workdir, merged)
    }
}
