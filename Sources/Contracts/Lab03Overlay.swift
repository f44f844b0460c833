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

    /// Step 03.3: what changes in the upper directory when a path of the merged tree is worked on.
    func copyUp(_ request: CopyUpRequest) throws -> [UpperChange]

    /// Step 03.4: what an entry of a layer's tar becomes on disk.
    /// - Parameter name: the entry's path in the tar.
    func unpack(_ name: String) throws -> UnpackAction

    /// Step 03.5: what an entry of an upper directory becomes in a layer's tar, in this order.
    func pack(_ entry: UpperEntry) throws -> [PackedEntry]

    /// Step 03.6: what has to be in a layer that turns one tree into another, sorted by path.
    func layerDiff(_ trees: TreePair) throws -> [LayerChange]
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

// MARK: 03.3

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

// MARK: 03.4 and 03.5

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

// MARK: 03.6

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

// MARK: The pipe

public enum OverlayQuestions {
    public static let lowerdir = Question<[String], String>("lowerdir")
    public static let lookup = Question<OverlayLookup, OverlayView>("lookup")
    public static let copyUp = Question<CopyUpRequest, [UpperChange]>("copyUp")
    public static let unpack = Question<String, UnpackAction>("unpack")
    public static let pack = Question<UpperEntry, [PackedEntry]>("pack")
    public static let layerDiff = Question<TreePair, [LayerChange]>("layerDiff")
}

extension OverlayPart {
    public var desk: Desk {
        var desk = Desk()
        desk.answer(OverlayQuestions.lowerdir, with: lowerdir)
        desk.answer(OverlayQuestions.lookup, with: lookup)
        desk.answer(OverlayQuestions.copyUp, with: copyUp)
        desk.answer(OverlayQuestions.unpack, with: unpack)
        desk.answer(OverlayQuestions.pack, with: pack)
        desk.answer(OverlayQuestions.layerDiff, with: layerDiff)
        return desk
    }
}

/// The rules of a part that is asked over a pipe.
public struct RemoteOverlay: OverlayRules {
    private let asker: any Asker
    public init(_ asker: any Asker) { self.asker = asker }

    public func lowerdir(_ layers: [String]) throws -> String {
        try asker.ask(OverlayQuestions.lowerdir, layers)
    }
    public func lookup(_ question: OverlayLookup) throws -> OverlayView {
        try asker.ask(OverlayQuestions.lookup, question)
    }
    public func copyUp(_ request: CopyUpRequest) throws -> [UpperChange] {
        try asker.ask(OverlayQuestions.copyUp, request)
    }
    public func unpack(_ name: String) throws -> UnpackAction {
        try asker.ask(OverlayQuestions.unpack, name)
    }
    public func pack(_ entry: UpperEntry) throws -> [PackedEntry] {
        try asker.ask(OverlayQuestions.pack, entry)
    }
    public func layerDiff(_ trees: TreePair) throws -> [LayerChange] {
        try asker.ask(OverlayQuestions.layerDiff, trees)
    }
}
