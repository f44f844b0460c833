import JSON
import Linux

extension ImageStore {
    /// One layer's directory. The order is owed: the digest is checked before anything is unpacked,
    /// all is unpacked beside its place, and the rename into place comes last. Whoever loses the
    /// race to rename throws its own copy away: both are the same, since the name is the content's
    /// digest.
    func unpack(_ layer: ImageLayer, of image: ResolvedImage) throws -> String {
        let directory = try unpackedDirectory()
        let final = "\(directory)/\(layer.diffID.hex)"
        if Files.isDirectory(final) { return final }
        try Files.makeDirectories(directory)
        try sweep(directory)
        let work = "\(directory)/.new-\(layer.diffID.hex.prefix(12))-\(try unusedSuffix())"
        let owned = try FileDescriptor.open("\(work).lock", O_RDWR | O_CREAT | O_EXCL)
        let raw = owned.raw
        try check("lock \(work).lock") { flock(raw, LOCK_EX) }
        try Files.makeDirectories(work)
        defer { discard(work) }
        try unpackAside(layer, of: image, work: work)
        if rename("\(work)/root", final) == -1 {
            let errno = Errno.current
            guard Files.isDirectory(final) else {
                throw SystemError("rename \(work)/root to \(final)", errno)
            }
        }
        return final
    }

    /// `layers/sha256`; for a student's part a directory of its own for each build of it.
    private func unpackedDirectory() throws -> String {
        guard let part else { return "\(layers)/sha256" }
        return "\(layers)/part-03/\(try Digest(ofFile: part).hex.prefix(16))"
    }

    /// Removes what an unpacking that was killed has left: its lock went with it.
    private func sweep(_ directory: String) throws {
        for name in try Files.list(directory)
        where name.hasPrefix(".new-") && name.hasSuffix(".lock") {
            let path = "\(directory)/\(name)"
            guard let lock = try? FileDescriptor.open(path, O_RDWR) else { continue }
            if flock(lock.raw, LOCK_EX | LOCK_NB) == 0 { discard(String(path.dropLast(5))) }
        }
    }

    private func discard(_ work: String) {
        try? Files.removeTree(work)
        unlink("\(work).lock")
    }

    private func unpackAside(_ layer: ImageLayer, of image: ResolvedImage, work: String) throws {
        func failed(_ reason: String) -> ImageError {
            .unpackFailed(image.name, digest: layer.blob.digest.text, reason: reason)
        }
        let blob = layout.blobPath(layer.blob.digest)
        try checkBlob(layer.blob, at: blob, of: image)
        let tar: String
        switch try Compression(ofFile: blob) {
        case .none: tar = blob
        case .gzip: tar = try gunzip(blob, into: "\(work)/layer.tar", failed)
        case .zstd:
            throw failed("it is packed with zstd; copy the image with --dest-compress-format gzip")
        }
        // Of a plain tar the blob's digest is the diff_id, and was checked just now.
        let plain = tar == blob ? layer.blob.digest : try Digest(ofFile: tar)
        guard plain == layer.diffID else {
            throw ImageError.malformed(
                image.name,
                "layer \(layer.blob.digest.text) unpacks to \(plain.text), "
                    + "the configuration says \(layer.diffID.text)")
        }
        try run(overlay, ["overlay", "unpack", "--layer", tar, "--into", "\(work)/root"], failed)
    }

    private func checkBlob(_ blob: Descriptor, at path: String, of image: ResolvedImage) throws {
        guard Files.exists(path) else {
            throw ImageError.missingBlob(image.name, digest: blob.digest.text)
        }
        let found = try Digest(ofFile: path)
        guard found == blob.digest else {
            throw ImageError.corruptBlob(image.name, digest: blob.digest.text, found: found.text)
        }
    }

    /// gzip(1) is on every machine, and a layer is unpacked once.
    private func gunzip(
        _ blob: String, into path: String, _ failed: (String) -> ImageError
    ) throws -> String {
        let output = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL)
        let input = try FileDescriptor.open(blob)
        let child = try Child.spawn(
            "gzip", ["gzip", "-dc"], descriptors: [0: input.raw, 1: output.raw, 2: 2])
        let ending = try child.wait()
        guard ending.succeeded else { throw failed("gzip -dc \(ending)") }
        return path
    }

    private func run(
        _ program: String, _ arguments: [String], _ failed: (String) -> ImageError
    ) throws {
        let (ending, _, errors) = try capture(program, arguments)
        guard ending.succeeded else {
            let words = String(decoding: errors, as: UTF8.self)
            throw failed(
                "\(words.split(separator: "\n").last.map(String.init) ?? "overlay \(ending)")")
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
