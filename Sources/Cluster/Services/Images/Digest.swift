import Crypto
import Linux

/// A SHA-256 digest, as OCI writes it: `sha256:` and 64 lower-case hex digits.
struct Digest: Hashable, Sendable {
    let hex: String

    var text: String { "sha256:\(hex)" }

    /// Nil for any other algorithm, and for what is no digest.
    init?(_ text: String) {
        let digits = text.utf8.dropFirst(7)
        guard text.utf8.starts(with: "sha256:".utf8), digits.count == 64,
            digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        hex = String(Substring(digits))
    }

    /// The digest of `bytes`.
    init(of bytes: [UInt8]) {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        self.init(hash)
    }

    /// The digest of a file, read once and never held as a whole.
    init(ofFile path: String) throws(SystemError) {
        let file = try FileDescriptor.open(path)
        var hash = SHA256()
        while true {
            let chunk = try file.read(upTo: 1 << 18)
            if chunk.isEmpty { break }
            chunk.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        self.init(hash)
    }

    /// The digest of a stack of layers, by the digests of its upper layer and of the stack below: what
    /// image-spec calls a ChainID. That of a single layer is the layer's own.
    static func chain(_ layers: some Sequence<Digest>) -> Digest? {
        layers.reduce(nil) { below, layer in
            guard let below else { return layer }
            return Digest(of: Array("\(below.text) \(layer.text)".utf8))
        }
    }

    init(_ hash: SHA256) {
        let digits = Array("0123456789abcdef".utf8)
        hex = String(
            decoding: hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}

/// What points to a blob: its media type, digest and size in bytes.
/// Source: OCI image specification, `descriptor.md`.
struct Descriptor: Hashable, Sendable {
    let mediaType: String
    let digest: Digest
    let size: Int
}
