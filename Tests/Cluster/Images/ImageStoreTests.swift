import Images
import JSON
import Linux
import Testing

@Suite struct ImageStoreTests {
    let scratch: Scratch
    let store: ImageStore

    init() throws {
        scratch = try Scratch()
        store = ImageStore(
            layout: scratch("images"), layers: scratch("layers"),
            overlay: overlayProgram ?? "overlay")
        try buildKit(scratch("images"))
    }

    private func blob(_ digest: String) -> String {
        scratch("images/blobs/sha256/\(digest.dropFirst(7))")
    }

    private func complaint(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "none"
        } catch { return "\(error)" }
    }

    @Test func `the same programs give the same bytes`() throws {
        try buildKit(scratch("again"))
        try stock("diff", "-r", scratch("images"), scratch("again"))
        try buildKit(scratch("images"))
        try stock("diff", "-r", scratch("images"), scratch("again"))
    }

    @Test func `an image is found under every form of its name, and by digest`() throws {
        let image = try store.resolve("drydock/web:v1")
        #expect(image.name == "docker.io/drydock/web:v1")
        #expect(image.config.entrypoint == ["/bin/web", "--version-file", "/etc/web-version"])
        #expect(image.config.stopSignal == "SIGTERM")
        #expect(image.config.workingDirectory == "/")
        #expect(image.imageID == "docker.io/drydock/web@\(image.digest)")
        #expect(try store.resolve("docker.io/drydock/web:v1") == image)
        #expect(try store.resolve("drydock/web@\(image.digest)").layers == image.layers)
        #expect(try store.resolve("drydock/busybox").config.command == ["sh"])
    }

    @Test func `versions of one image share their lower layers`() throws {
        let (one, two) = (try store.resolve("drydock/web:v1"), try store.resolve("drydock/web:v2"))
        #expect(one.layers.count == 3)
        #expect(one.layers.prefix(2) == two.layers.prefix(2))
        #expect(one.layers[2] != two.layers[2])
    }

    @Test func `an image that isn't there is named in full`() {
        #expect(
            complaint { _ = try store.resolve("drydock/nope") }
                == "image docker.io/drydock/nope:latest not found in \(scratch("images")); "
                + "`images list` shows what is there")
    }

    @Test func `a manifest whose bytes changed is corrupt, and both digests are named`() throws {
        let digest = try store.resolve("drydock/busybox").digest
        try Files.write("{}", to: blob(digest))
        #expect(
            complaint { _ = try store.resolve("drydock/busybox") }
                == "image docker.io/drydock/busybox:latest: blob \(digest) is corrupt: its bytes have "
                + "the digest sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        )
    }

    @Test func `a blob that is gone is named`() throws {
        let digest = try store.resolve("drydock/busybox").digest
        unlink(blob(digest))
        #expect(
            complaint { _ = try store.resolve("drydock/busybox") }
                == "image docker.io/drydock/busybox:latest: blob \(digest) is missing")
    }

    @Test func `an index that is no JSON says where`() throws {
        try Files.write("{\"manifests\": [", to: scratch("images/index.json"))
        let words = complaint { _ = try store.resolve("drydock/web:v1") }
        #expect(
            words.hasPrefix(
                "image index is malformed: \(scratch("images"))/index.json is not JSON: line 1"))
    }

    /// Puts a manifest of this text into the layout under the name `bad`.
    private func addManifest(_ text: String) throws {
        try Files.write(text, to: scratch("manifest"))
        let hex = try stock("sha256sum", scratch("manifest")).prefix(64)
        try Files.write(text, to: scratch("images/blobs/sha256/\(hex)"))
        var index = try JSON(parsing: try Files.read(scratch("images/index.json")))
        index["manifests"] = .array([
            [
                "digest": .string("sha256:\(hex)"), "size": JSON(text.utf8.count),
                "annotations": ["org.opencontainers.image.ref.name": "bad"],
            ]
        ])
        try Files.write(index.text, to: scratch("images/index.json"))
    }

    @Test(arguments: [
        ("{\"layers\": []}", "the manifest has no \"config\" or no \"layers\""),
        (
            "{\"manifests\": []}",
            "an index of several platforms; copy one of them: skopeo copy --override-arch …"
        ),
        ("[", "the manifest is not JSON: line 1, column 2: "),
        (
            "{\"layers\": [], \"config\": {\"digest\": \"md5:1\", \"size\": 1}}",
            "config has no SHA-256 digest"
        ),
    ])
    func `a malformed manifest says what is wrong`(text: String, words: String) throws {
        try addManifest(text)
        #expect(
            complaint { _ = try store.resolve("bad") }
                .hasPrefix("image docker.io/library/bad:latest is malformed: \(words)"))
    }
}

@Suite(
    .enabled(if: overlayProgram != nil, "needs the overlay program: swift build --product overlay"))
struct UnpackingTests {
    let scratch: Scratch
    let store: ImageStore

    init() throws {
        scratch = try Scratch()
        store = ImageStore(
            layout: scratch("images"), layers: scratch("layers"),
            overlay: overlayProgram ?? "overlay")
        try buildKit(scratch("images"))
    }

    @Test func `layers are unpacked once, topmost first, under their digests`() throws {
        let image = try store.resolve("drydock/web:v1")
        let layers = try store.unpack(image)
        #expect(layers.count == 3)
        #expect(try Files.readText("\(layers[0])/etc/web-version") == "v1\n")
        #expect(Files.exists("\(layers[1])/bin/web"))
        #expect(try Files.readText("\(layers[2])/etc/passwd").hasPrefix("root:x:0:0:"))
        #expect(try stock("stat", "-c", "%a", "\(layers[2])/tmp") == "1777\n")
        let born = try stock("stat", "-c", "%i %z", layers[2])
        let other = try store.unpack(try store.resolve("drydock/web:v2"))
        #expect(other[2] == layers[2] && other[0] != layers[0])
        #expect(try stock("stat", "-c", "%i %z", layers[2]) == born)
        #expect(try Files.list(scratch("layers/sha256")).count == 4)
    }

    @Test func `a corrupt layer is named and leaves nothing`() throws {
        let image = try store.resolve("drydock/busybox")
        let name = try #require(image.layers.first).description.prefix { $0 != "," }
        let blob = scratch("images/blobs/sha256/\(name.dropFirst(7))")
        try stock("sh", "-c", "printf X | dd of=\(blob) bs=1 seek=600 conv=notrunc status=none")
        do {
            _ = try store.unpack(image)
            Issue.record("a corrupt layer was unpacked")
        } catch {
            let words = "\(error)"
            #expect(
                words.hasPrefix(
                    "image docker.io/drydock/busybox:latest: blob \(name) is corrupt: its bytes"))
        }
        #expect(try Files.list(scratch("layers/sha256")) == [])
    }

    @Test func `what a killed unpacking left is swept away, what one at work has is not`() throws {
        let directory = scratch("layers/sha256")
        for name in [".new-dead-1", ".new-live-2"] {
            try Files.makeDirectories("\(directory)/\(name)/root/bin")
            try Files.write("", to: "\(directory)/\(name).lock")
        }
        let live = try FileDescriptor.open("\(directory)/.new-live-2.lock", O_RDWR)
        #expect(flock(live.raw, LOCK_EX) == 0)
        let layer = try store.unpack(try store.resolve("drydock/busybox"))[0]
        let name = String(layer[layer.index(after: layer.lastIndex(of: "/")!)...])
        #expect(try Files.list(directory) == [".new-live-2", ".new-live-2.lock", name].sorted())
    }

    @Test func `a part's layers are kept apart, for each build of the part`() throws {
        try Files.write("#!/bin/false\n", to: scratch("part"), mode: 0o755)
        let mine = ImageStore(
            layout: scratch("images"), layers: scratch("layers"), overlay: "/bin/false",
            part: scratch("part"))
        let image = try store.resolve("drydock/busybox")
        _ = try store.unpack(image)
        #expect(throws: ImageError.self) { _ = try mine.unpack(image) }
        let builds = scratch("layers/part-03")
        #expect(try Files.list(builds).count == 1)
        try Files.write("#!/bin/false # better\n", to: scratch("part"))
        #expect(throws: ImageError.self) { _ = try mine.unpack(image) }
        #expect(try Files.list(builds).count == 2)
    }

    @Test func `eight that unpack one image at once all get it`() async throws {
        let image = try store.resolve("drydock/web:v1")
        let store = store
        let answers = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<8 { group.addTask { try store.unpack(image) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers).count == 1)
        #expect(try Files.list(scratch("layers/sha256")).count == 3)
    }

    @Test(.enabled(if: hasSkopeo, "needs skopeo"))
    func `skopeo reads the layout, and what it writes with gzip is unpacked to the same layers`()
        throws
    {
        let layout = scratch("images")
        let seen = try JSON(parsing: try stock("skopeo", "inspect", "oci:\(layout):drydock/web:v1"))
        let image = try store.resolve("drydock/web:v1")
        #expect(seen["Digest"]?.string == image.digest)
        #expect(seen["Layers"]?.array?.count == 3)
        let archive = "docker-archive:\(scratch("a.tar")):drydock/web:v1"
        try stock(
            "skopeo", "--insecure-policy", "copy", "-q", "oci:\(layout):drydock/web:v1", archive)
        try stock("skopeo", "--insecure-policy", "copy", "-q", archive, "oci:\(layout):copied:1")
        let copied = try store.resolve("copied:1")
        #expect(try store.unpack(copied) == store.unpack(image))
        // Into a layout that has no plain layers yet it writes them with gzip.
        try stock(
            "skopeo", "--insecure-policy", "copy", "-q", archive, "oci:\(scratch("zipped")):z:1")
        let zipped = ImageStore(
            layout: scratch("zipped"), layers: scratch("other"), overlay: overlayProgram ?? "")
        let small = try zipped.resolve("z:1")
        #expect(small.sizeBytes < image.sizeBytes)
        let layers = try zipped.unpack(small)
        for (one, other) in zip(layers, try store.unpack(image)) {
            try stock("diff", "-r", "--no-dereference", one, other)
        }
        // The kit's own images stay when skopeo writes, and skopeo's when the kit builds.
        try buildKit(layout)
        #expect(try store.resolve("copied:1") == copied)
        #expect(try store.resolve("drydock/web:v1") == image)
    }
}
