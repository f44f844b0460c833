import JSON
import Linux

/// The images of one machine: an OCI image layout that holds them packed, and a directory that
/// holds their layers unpacked, each once, whoever uses it.
///
///     layout/index.json               names to manifests
///     layout/blobs/sha256/<hex>       manifests, configurations, packed layers
///     layers/sha256/<hex>             one directory a layer, named after the digests of its plain tar and of
///                                     those below it, on which what it becomes may depend
///
/// Any number of processes may use one store at the same time: whatever appears under its final
/// name is complete, since it was written elsewhere and renamed.
/// Source: https://github.com/opencontainers/image-spec, `image-layout.md`, `manifest.md`,
/// `config.md`.
public struct ImageStore: Sendable {
    let layout: Layout
    /// The directory of unpacked layers.
    let layers: String
    /// The program that unpacks a layer.
    let overlay: String
    /// The program that answers for lab 03 instead of the reference, if any.
    let part: String?

    /// - Parameters:
    ///   - layout: the directory of the OCI layout.
    ///   - layers: the directory for unpacked layers; it is created when the first one is unpacked.
    ///   - overlay: the path of the kit's `overlay` program.
    ///   - part: the program that `overlay` asks about lab 03. What it unpacks is kept apart, so that
    ///     a wrong answer is gone once the part is corrected, or not used any more.
    public init(
        layout: String, layers: String, overlay: String,
        part: String? = environmentVariable("DRYDOCK_PART_03")
    ) {
        self.layout = Layout(directory: layout)
        (self.layers, self.overlay, self.part) = (layers, overlay, part)
    }

    /// Finds an image by name (`drydock/web:v1`, `docker.io/drydock/web@sha256:…`) and reads its
    /// manifest and configuration, checking the digest of each.
    /// - Throws: `ImageError`.
    public func resolve(_ reference: String) throws -> ResolvedImage {
        let reference = try ImageReference(reference)
        let descriptor = try layout.find(reference)
        let manifest = try layout.manifest(descriptor, of: reference)
        let config = try layout.config(manifest.config, of: reference)
        guard config.diffIDs.count == manifest.layers.count else {
            throw ImageError.malformed(
                reference.text,
                "\(manifest.layers.count) layers in the manifest, "
                    + "\(config.diffIDs.count) diff_ids in the configuration")
        }
        let layers = zip(manifest.layers, config.diffIDs).map { ImageLayer(blob: $0, diffID: $1) }
        return ResolvedImage(
            name: reference.text, digest: descriptor.digest.text, config: config.process,
            layers: layers,
            sizeBytes: layers.reduce(manifest.config.size) { $0 + $1.blob.size })
    }

    /// The layers' directories, topmost first, as `overlay mount --lower` takes them. Unpacks what
    /// is not unpacked yet, after its digest was checked; what is there already costs one stat(2) a
    /// layer.
    /// - Throws: `ImageError`; nothing half-done is left under a layer's name.
    public func unpack(_ image: ResolvedImage) throws -> [String] {
        var directories: [String] = []
        for index in image.layers.indices {
            directories.insert(try unpack(index, of: image, upon: directories), at: 0)
        }
        return directories
    }

    /// All images that have a name, sorted by it.
    public func list() throws -> [(name: String, digest: String)] {
        try layout.index().compactMap { entry in entry.name.map { ($0, entry.digest.text) } }
            .sorted { $0.0 < $1.0 }
    }
}

/// An image that was found, with what it takes to run it.
public struct ResolvedImage: Hashable, Sendable {
    /// The full name: `docker.io/drydock/web:v1`.
    public let name: String
    /// The manifest's digest, `sha256:…`; with the name's repository it is a container's `imageID`.
    public let digest: String
    public let config: ImageConfig
    /// Bottommost first, as the manifest has them.
    public let layers: [ImageLayer]
    public let sizeBytes: Int

    /// `docker.io/drydock/web@sha256:…`, as a Pod's `status.containerStatuses[].imageID` has it.
    public var imageID: String { ImageReference.repository(ofFullName: name) + "@" + digest }
}

/// What an image says about the process to run in it.
public struct ImageConfig: Hashable, Sendable {
    public var entrypoint: [String] = []
    public var command: [String] = []
    /// `NAME=value`.
    public var environment: [String] = []
    /// Never empty: `/` where the image says nothing.
    public var workingDirectory = "/"
    /// `uid`, `uid:gid` or names to be looked up in the image's /etc/passwd; empty for root.
    public var user = ""
    /// `SIGTERM` or `15`; nil where the image says nothing.
    public var stopSignal: String?

    public init() {}
}

/// One layer of an image.
public struct ImageLayer: Hashable, Sendable {
    /// The packed blob.
    let blob: Descriptor
    /// The digest of the plain tar, which is the same whether or how the blob is compressed.
    let diffID: Digest
}

extension ImageLayer: CustomStringConvertible {
    public var description: String { "\(diffID.text), \(blob.size) bytes packed" }
}
