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

    /// A blob that is a JSON document.
    private func document(
        _ descriptor: Descriptor, _ what: String, of reference: ImageReference
    ) throws -> JSON {
        let path = blobPath(descriptor.digest)
        guard Files.exists(path) else {
            throw ImageError.missingBlob(reference.text, digest: descriptor.digest.text)
        }
        let bytes = try Files.read(path)
        let found = Digest(of: bytes)
        guard found == descriptor.digest else {
            throw ImageError.corruptBlob(
                reference.text, digest: descriptor.digest.text, found: found.text)
        }
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
        guard let size = json["size"]?.int, size >= 0 else {
            throw ImageError.malformed(name, "\(what) has no size")
        }
        return Descriptor(mediaType: json["mediaType"]?.string ?? "", digest: digest, size: size)
    }
}
