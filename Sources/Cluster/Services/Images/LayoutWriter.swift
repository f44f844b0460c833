import JSON
import Linux
import Snapshots

/// Writes images into an OCI layout. Everything is named after its content, so writing the same
/// again changes nothing; index.json is replaced last and at once, so a reader sees all of an image
/// or nothing.
struct LayoutWriter {
    let layout: Layout

    /// - Parameter directory: made if it is not there.
    init(directory: String) throws {
        layout = Layout(directory: directory)
        try Files.makeDirectories("\(directory)/blobs/sha256")
        try Files.writeAtomically(
            Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8), to: "\(directory)/oci-layout")
    }

    static let mediaType = "application/vnd.oci.image."

    /// What a new image is made of.
    struct Image {
        /// `drydock/web:v1`.
        var name: String
        /// Bottommost first.
        var layers: [Descriptor]
        /// The member `config` of the configuration: Entrypoint, Cmd, Env, …
        var process: JSON
    }

    func add(_ images: [Image]) throws {
        var entries = try namedEntries()
        for image in images {
            let manifest = try put(manifest(image).bytes, "manifest.v1+json")
            let key = try ImageReference(image.name).text
            entries.removeAll { $0.key == key }
            entries.append((key, indexEntry(manifest, image.name)))
        }
        entries.sort { $0.key < $1.key }
        let index: JSON = [
            "schemaVersion": 2, "mediaType": .string(Self.mediaType + "index.v1+json"),
            "manifests": .array(entries.map(\.entry)),
        ]
        try Files.writeAtomically(index.bytes, to: "\(layout.directory)/index.json")
    }

    /// Writes a layer: `fill` gets a tar to put entries into. Layers are not compressed: they are
    /// read on the machine that holds them, and a blob's digest is then the layer's diff_id too.
    func addLayer(_ fill: (inout TarWriter) throws -> Void) throws -> Descriptor {
        let temporary = "\(layout.directory)/blobs/.new-\(getpid()).tar"
        defer { unlink(temporary) }
        var tar = TarWriter(try .open(temporary, O_WRONLY | O_CREAT | O_TRUNC))
        try fill(&tar)
        try tar.finish()
        let digest = try Digest(ofFile: temporary)
        var info = stat()
        try check("stat \(temporary)") { stat(temporary, &info) }
        try check("rename \(temporary)") { rename(temporary, layout.blobPath(digest)) }
        return Descriptor(
            mediaType: Self.mediaType + "layer.v1.tar", digest: digest, size: Int(info.st_size))
    }

    private func put(_ bytes: [UInt8], _ type: String) throws -> Descriptor {
        let digest = Digest(of: bytes)
        try Files.writeAtomically(bytes, to: layout.blobPath(digest))
        return Descriptor(mediaType: Self.mediaType + type, digest: digest, size: bytes.count)
    }

    private func manifest(_ image: Image) throws -> JSON {
        let config: JSON = [
            "created": "1970-01-01T00:00:00Z", "architecture": .string(Self.architecture),
            "os": "linux", "config": image.process,
            "rootfs": [
                "type": "layers",
                "diff_ids": .array(image.layers.map { .string($0.digest.text) }),
            ],
        ]
        return [
            "schemaVersion": 2, "mediaType": .string(Self.mediaType + "manifest.v1+json"),
            "config": json(try put(config.bytes, "config.v1+json")),
            "layers": .array(image.layers.map(json)),
        ]
    }

    private func json(_ descriptor: Descriptor) -> JSON {
        [
            "mediaType": .string(descriptor.mediaType), "digest": .string(descriptor.digest.text),
            "size": JSON(descriptor.size),
        ]
    }

    private func indexEntry(_ manifest: Descriptor, _ name: String) -> JSON {
        var entry = json(manifest)
        entry["annotations"] = [Layout.nameAnnotation: .string(name)]
        entry["platform"] = ["architecture": .string(Self.architecture), "os": "linux"]
        return entry
    }

    /// What is in index.json already, by full name; entries without one keep an empty key.
    private func namedEntries() throws -> [(key: String, entry: JSON)] {
        let names = try layout.index().map { $0.name ?? "" }
        guard !names.isEmpty else { return [] }
        let index = try JSON(parsing: try Files.read("\(layout.directory)/index.json"))
        return Array(zip(names, index["manifests"]?.array ?? [])).map { (key: $0, entry: $1) }
    }

    /// As Go names it, which OCI follows.
    private static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #elseif arch(riscv64)
            "riscv64"
        #else
            "unknown"
        #endif
    }
}
