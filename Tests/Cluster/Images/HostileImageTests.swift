import Images
import JSON
import Linux
import Snapshots
import Testing

/// Images that lie about themselves, and images that are ordinary and a careless store gets wrong.
@Suite(
    .enabled(if: overlayProgram != nil, "needs the overlay program: swift build --product overlay"))
struct HostileImageTests {
    let scratch: Scratch
    let store: ImageStore

    init() throws {
        scratch = try Scratch()
        store = ImageStore(
            layout: scratch("images"), layers: scratch("layers"),
            overlay: overlayProgram ?? "overlay")
        try Files.makeDirectories(scratch("images/blobs/sha256"))
    }

    /// Puts a file among the blobs; its digest and length.
    private func addBlob(_ path: String) throws -> JSON {
        let digest = String(try stock("sha256sum", path).utf8.prefix(64))!
        try stock("cp", path, scratch("images/blobs/sha256/\(digest)"))
        var info = stat()
        stat(path, &info)
        return ["digest": .string("sha256:\(digest)"), "size": JSON(Int(info.st_size))]
    }

    private func addBlob(_ json: JSON) throws -> JSON {
        try Files.write(json.text, to: scratch("document"))
        return try addBlob(scratch("document"))
    }

    /// An image of these layers: the blob, and the plain tar that it unpacks to.
    private func addImage(
        _ layers: [(blob: String, tar: String)], edit: (inout JSON) -> Void = { _ in }
    ) throws {
        let config: JSON = [
            "rootfs": ["diff_ids": .array(try layers.map { try addBlob($0.tar)["digest"]! })]
        ]
        var manifest: JSON = [
            "config": try addBlob(config),
            "layers": .array(try layers.map { try addBlob($0.blob) }),
        ]
        edit(&manifest)
        var entry = try addBlob(manifest)
        entry["annotations"] = ["org.opencontainers.image.ref.name": "test:1"]
        try Files.write((["manifests": [entry]] as JSON).text, to: scratch("images/index.json"))
    }

    private func tar(_ name: String, _ entries: [(TarEntry, String)]) throws -> String {
        var writer = TarWriter(try .open(scratch(name), O_WRONLY | O_CREAT | O_TRUNC))
        for (entry, text) in entries { try writer.add(entry, Array(text.utf8)) }
        try writer.finish()
        return scratch(name)
    }

    private func complaint() -> String {
        do {
            _ = try store.unpack(try store.resolve("test:1"))
            return "none"
        } catch { return "\(error)" }
    }

    @Test(arguments: [-1, 1])
    func `a blob that is longer or shorter than it should be is refused`(difference: Int) throws {
        let layer = try tar("a.tar", [(TarEntry("f", .file), "1")])
        for member in ["config", "layers"] {
            try addImage([(layer, layer)]) { manifest in
                func change(_ descriptor: JSON) -> JSON {
                    var descriptor = descriptor
                    descriptor["size"] = JSON(descriptor["size"]!.int! + difference)
                    return descriptor
                }
                let old = manifest[member]!
                manifest[member] = old.array.map { .array($0.map(change)) } ?? change(old)
            }
            #expect(complaint().contains("and what points to it says"), "\(member)")
        }
    }

    @Test func `two megabytes do not become two gigabytes`() throws {
        let bomb = scratch("bomb.gz")
        try stock("sh", "-c", "head -c 100M /dev/zero | gzip -9 > \"$0\"", bomb)
        let layer = try tar("a.tar", [(TarEntry("f", .file), "1")])
        try addImage([(bomb, layer)])
        #expect(complaint().contains("unpack to more than"))
        let left = try Files.list(scratch("layers/sha256"))
        #expect(left == [], "nothing of it is left: \(left)")
    }

    @Test func `sizes that no machine counts are refused`() throws {
        let layer = try tar("a.tar", [(TarEntry("f", .file), "1")])
        try addImage([(layer, layer)]) {
            var descriptor = $0["layers"]![0]!
            descriptor["size"] = .number("9223372036854775807")
            $0["layers"] = [descriptor, descriptor]
        }
        #expect(complaint().contains("has no size"))
    }

    @Test func `a hard link to a file of a lower layer, and one layer twice`() throws {
        let base = try tar(
            "base.tar",
            [
                (TarEntry("opt", .directory, mode: 0o711), ""),
                (TarEntry("opt/first", .file), "forty-two"),
            ])
        let top = try tar("top.tar", [(TarEntry("opt/second", .hardLink(target: "opt/first")), "")])
        try addImage([(base, base), (top, top), (top, top)])
        let layers = try store.unpack(try store.resolve("test:1"))
        #expect(layers.count == 3)
        #expect(try Files.readText("\(layers[0])/opt/second") == "forty-two")
        // The same layer upon another base is another directory.
        let other = try tar("other.tar", [(TarEntry("opt/first", .file), "forty-three")])
        try addImage([(other, other), (top, top)])
        let again = try store.unpack(try store.resolve("test:1"))
        #expect(try Files.readText("\(again[0])/opt/second") == "forty-three")
    }

    @Test func `nobody else of the machine comes to the layers by their paths`() throws {
        let layer = try tar("a.tar", [(TarEntry("su", .file, mode: 0o4755), "1")])
        try addImage([(layer, layer)])
        // Also where an older kit has left the directory open.
        try Files.makeDirectories(scratch("layers"))
        let layers = try store.unpack(try store.resolve("test:1"))
        #expect(try stock("stat", "-c", "%a", scratch("layers")) == "700\n")
        #expect(try stock("stat", "-c", "%a", "\(layers[0])/su") == "4755\n")
        #expect(try stock("stat", "-c", "%a", layers[0]) == "755\n", "a root keeps its own mode")
    }
}
