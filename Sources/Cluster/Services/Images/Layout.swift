import JSON
import Linux

/// An OCI image layout in a directory: what is read from it, with every digest checked.
struct Layout: Sendable {
    let directory: String

    func blobPath(_ digest: Digest) -> String { "\(directory)/blobs/sha256/\(digest.hex)" }

    struct IndexEntry: Sendable {
        /// The full name that the annotation gives, if it is one.
        let name: String?
        let descriptor: Descriptor
        var digest: Digest { descriptor.digest }
    }
    struct Manifest {
        let config: Descriptor
        let layers: [Descriptor]
    }
    struct Config {
        let process: ImageConfig
        let diffIDs: [Digest]
    }

    /// A manifest's entry is a few hundred bytes; what is larger than this is none.
    static let documentBytesMax = 4 << 20
    /// OVL_MAX_STACK of the kernel.
    static let layersMax = 500
    /// No blob has as many bytes: sums of sizes stay numbers.
    static let blobBytesMax = 1 << 50
    static let nameAnnotation = "org.opencontainers.image.ref.name"

    /// The entries of index.json.
    func index() throws -> [IndexEntry] {
        let path = "\(directory)/index.json"
        guard Files.exists(path) else { return [] }
        let index = try parse(try Files.read(path), path, of: "index")
        guard let manifests = index["manifests"]?.array else {
            throw ImageError.malformed("index", "\(path) has no list \"manifests\"")
        }
        return try manifests.map { entry in
            let name = entry.at("annotations", Self.nameAnnotation)?.string
            return IndexEntry(
                name: name.flatMap { try? ImageReference($0).text },
                descriptor: try descriptor(entry, "manifests[]", of: "index"))
        }
    }

    /// The manifest of an image: by digest if the reference has one, else by name.
    func find(_ reference: ImageReference) throws -> Descriptor {
        let entries = try index()
        let found = entries.first { entry in
            if let digest = reference.digest {
                entry.digest.text == digest
            } else {
                entry.name == reference.text
            }
        }
        guard let found else { throw ImageError.notFound(reference.text, layout: directory) }
        return found.descriptor
    }

    func manifest(_ descriptor: Descriptor, of reference: ImageReference) throws -> Manifest {
        let manifest = try document(descriptor, "manifest", of: reference)
        guard let layers = manifest["layers"]?.array, let config = manifest["config"] else {
            let isIndex = manifest["manifests"] != nil
            throw ImageError.malformed(
                reference.text,
                isIndex
                    ? "an index of several platforms; copy one of them: skopeo copy --override-arch …"
                    : "the manifest has no \"config\" or no \"layers\"")
        }
        guard layers.count <= Self.layersMax else {
            throw ImageError.malformed(
                reference.text, "\(layers.count) layers; overlay takes \(Self.layersMax)")
        }
        return Manifest(
            config: try self.descriptor(config, "config", of: reference.text),
            layers: try layers.map { try self.descriptor($0, "layers[]", of: reference.text) })
    }

    func config(_ descriptor: Descriptor, of reference: ImageReference) throws -> Config {
        let config = try document(descriptor, "configuration", of: reference)
        let diffIDs = try (config.at("rootfs", "diff_ids")?.array ?? []).map { entry in
            guard let digest = entry.string.flatMap(Digest.init) else {
                throw ImageError.malformed(
                    reference.text, "diff_id \(entry.text) is not a SHA-256 digest")
            }
            return digest
        }
        return Config(process: process(config["config"] ?? .null), diffIDs: diffIDs)
    }

    private func process(_ config: JSON) -> ImageConfig {
        func strings(_ name: String) -> [String] {
            (config[name]?.array ?? []).compactMap(\.string)
        }
        func text(_ name: String) -> String? {
            config[name]?.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        var process = ImageConfig()
        process.entrypoint = strings("Entrypoint")
        process.command = strings("Cmd")
        process.environment = strings("Env")
        process.workingDirectory = text("WorkingDir") ?? "/"
        process.user = text("User") ?? ""
        process.stopSignal = text("StopSignal")
        return process
    }

    /// A blob's length; it has to be there.
    func size(_ digest: Digest, of name: String) throws -> Int {
        var info = stat()
        guard stat(blobPath(digest), &info) == 0 else {
            throw ImageError.missingBlob(name, digest: digest.text)
        }
        return Int(info.st_size)
    }

    /// That a blob is what points to it: its digest, and its length, in either direction.
    func check(_ descriptor: Descriptor, digest found: Digest, of name: String) throws {
        let digest = descriptor.digest
        guard found == digest else {
            throw ImageError.corruptBlob(name, digest: digest.text, found: found.text)
        }
        let size = try size(digest, of: name)
        guard size == descriptor.size else {
            throw ImageError.wrongSize(
                name, digest: digest.text, said: descriptor.size, found: size)
        }
    }

    /// A blob that is a JSON document. What is too long for one is not read at all.
    private func document(
        _ descriptor: Descriptor, _ what: String, of reference: ImageReference
    ) throws -> JSON {
        guard try size(descriptor.digest, of: reference.text) <= Self.documentBytesMax else {
            throw ImageError.malformed(
                reference.text, "\(what) has more than \(Self.documentBytesMax) bytes")
        }
        let bytes = try Files.read(blobPath(descriptor.digest))
        try check(descriptor, digest: Digest(of: bytes), of: reference.text)
        return try parse(bytes, "the \(what)", of: reference.text)
    }

    private func parse(_ bytes: [UInt8], _ what: String, of name: String) throws -> JSON {
        guard bytes.count <= Self.documentBytesMax else {
            throw ImageError.malformed(name, "\(what) has more than \(Self.documentBytesMax) bytes")
        }
        do { return try JSON(parsing: bytes) } catch {
            throw ImageError.malformed(name, "\(what) is not JSON: \(error)")
        }
    }

    private func descriptor(_ json: JSON, _ what: String, of name: String) throws -> Descriptor {
        guard let digest = json["digest"]?.string.flatMap(Digest.init) else {
            throw ImageError.malformed(name, "\(what) has no SHA-256 digest")
        }
        guard let size = json["size"]?.int, (0...Self.blobBytesMax).contains(size) else {
            throw ImageError.malformed(name, "\(what) has no size")
        }
        return Descriptor(mediaType: json["mediaType"]?.string ?? "", digest: digest, size: size)
    }
}
