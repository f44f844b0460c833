import Crypto
import Linux
import Snapshots

extension ImageStore {
    /// One layer's directory. The order is owed: the digest is checked before anything is unpacked,
    /// all is unpacked beside its place, and the rename into place comes last. Whoever loses the
    /// race to rename throws its own copy away: both are the same, since the name is the content's
    /// digest.
    /// - Parameter below: the directories of the layers under it, topmost first.
    func unpack(_ index: Int, of image: ResolvedImage, upon below: [String]) throws -> String {
        let layer = image.layers[index]
        let directory = try unpackedDirectory()
        let hex = Digest.chain(image.layers[...index].map(\.diffID))!.hex
        let final = "\(directory)/\(hex)"
        if Files.isDirectory(final) { return final }
        try makePrivate(layers)
        try Files.makeDirectories(directory)
        try sweep(directory)
        let work = "\(directory)/.new-\(hex)-\(try unusedSuffix())"
        let owned = try FileDescriptor.open("\(work).lock", O_RDWR | O_CREAT | O_EXCL)
        let raw = owned.raw
        try check("lock \(work).lock") { flock(raw, LOCK_EX) }
        try Files.makeDirectories(work)
        defer { discard(work) }
        try unpackAside(layer, of: image, upon: below, work: work)
        if rename("\(work)/root", final) == -1 {
            let errno = Errno.current
            guard Files.isDirectory(final) else {
                throw SystemError("rename \(work)/root to \(final)", errno)
            }
        }
        return final
    }

    /// Layers keep the owners and modes of their files, set-user-ID programs among them: nobody else of the
    /// machine may come to them by their paths.
    private func makePrivate(_ directory: String) throws {
        try Files.makeDirectories(directory, mode: 0o700)
        try check("chmod 0700 \(directory)") { chmod(directory, 0o700) }
    }

    /// `layers/sha256`; for a student's part a directory of its own for each build of it.
    private func unpackedDirectory() throws -> String {
        guard let part else { return "\(layers)/sha256" }
        return "\(layers)/part-03/\(try Digest(ofFile: part).hex.prefix(16))"
    }

    /// Removes what an unpacking that was killed has left: its lock went with it.
    private func sweep(_ directory: String) throws {
        for name in try Files.list(directory)
        where name.startsWithBytes(of: ".new-") && name.hasSuffix(".lock") {
            let path = "\(directory)/\(name)"
            guard let lock = try? FileDescriptor.open(path, O_RDWR) else { continue }
            if flock(lock.raw, LOCK_EX | LOCK_NB) == 0 { discard(String(path.dropLast(5))) }
        }
    }

    private func discard(_ work: String) {
        try? Files.removeTree(work)
        unlink("\(work).lock")
    }

    private func unpackAside(
        _ layer: ImageLayer, of image: ResolvedImage, upon below: [String], work: String
    ) throws {
        func failed(_ reason: String) -> ImageError {
            .unpackFailed(image.name, digest: layer.blob.digest.text, reason: reason)
        }
        let blob = layout.blobPath(layer.blob.digest)
        try checkBlob(layer.blob, at: blob, of: image)
        var tar = blob
        // Of a plain tar the blob's digest is the diff_id, and was checked just now.
        var plain = layer.blob.digest
        switch try Compression(ofFile: blob) {
        case .none: break
        case .gzip:
            tar = "\(work)/layer.tar"
            plain = try gunzip(layer.blob, into: tar, failed)
        case .zstd:
            throw failed("it is packed with zstd; copy the image with --dest-compress-format gzip")
        }
        guard plain == layer.diffID else {
            throw ImageError.malformed(
                image.name,
                "layer \(layer.blob.digest.text) unpacks to \(plain.text), "
                    + "the configuration says \(layer.diffID.text)")
        }
        var arguments = ["overlay", "unpack", "--layer", tar, "--into", "\(work)/root"]
        if !below.isEmpty { arguments += ["--lower", LayerStack.joined(below)] }
        try run(overlay, arguments, failed)
    }

    private func checkBlob(_ blob: Descriptor, at path: String, of image: ResolvedImage) throws {
        _ = try layout.size(blob.digest, of: image.name)
        try layout.check(blob, digest: try Digest(ofFile: path), of: image.name)
    }

    /// How long a tar may get that was packed into so many bytes. gzip packs a thousand zeros into one byte,
    /// and no layer that is worth something into a hundredth: two megabytes must not fill a disk.
    static func tarBytesMax(packed: Int) -> Int { 64 << 20 + 100 * packed }

    /// gzip(1) is on every machine, and a layer is unpacked once.
    /// - Returns: the digest of what was packed.
    private func gunzip(
        _ blob: Descriptor, into path: String, _ failed: (String) -> ImageError
    ) throws -> Digest {
        let output = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL)
        let input = try FileDescriptor.open(layout.blobPath(blob.digest))
        let pipe = try Pipe()
        let child = try Child.spawn(
            "gzip", ["gzip", "-dc"], descriptors: [0: input.raw, 1: pipe.write.raw, 2: 2])
        let unpacked = pipe.intoRead()
        var (hash, left) = (SHA256(), Self.tarBytesMax(packed: blob.size))
        do {
            while case let chunk = try unpacked.read(upTo: 1 << 18), !chunk.isEmpty {
                left -= chunk.count
                guard left >= 0 else {
                    throw failed(
                        "its \(blob.size) bytes unpack to more than \(Self.tarBytesMax(packed: blob.size))"
                    )
                }
                chunk.withUnsafeBytes { hash.update(bufferPointer: $0) }
                try output.write(chunk)
            }
        } catch {
            child.signal(SIGKILL)
            _ = try? child.wait()
            throw error
        }
        let ending = try child.wait()
        guard ending.succeeded else { throw failed("gzip -dc \(ending)") }
        return Digest(hash)
    }

    private func run(
        _ program: String, _ arguments: [String], _ failed: (String) -> ImageError
    ) throws {
        let (ending, _, errors) = try capture(program, arguments)
        guard ending.succeeded else {
            let words = String(decoding: errors, as: UTF8.self)
            throw failed(
                "\(words.fields(at: "\n").last ?? "overlay \(ending)")")
        }
    }

    /// Two threads of one process may unpack one layer, so the process's number alone would not do.
    private func unusedSuffix() throws -> String {
        let bytes = try FileDescriptor.open("/dev/urandom").read(upTo: 8)
        return bytes.map { String($0, radix: 36) }.joined()
    }
}

/// How a blob is packed. Its first bytes are asked and not its media type, which some tools get
/// wrong when they use a blob again that is there already.
private enum Compression {
    case none, gzip, zstd

    init(ofFile path: String) throws(SystemError) {
        let start = try FileDescriptor.open(path).read(upTo: 4)
        if start.starts(with: [0x1f, 0x8b]) {
            self = .gzip
        } else if start.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
            self = .zstd
        } else {
            self = .none
        }
    }
}
