/// Why an image can't be used. The descriptions are sentences for a Pod's status.
public enum ImageError: Error, Hashable, Sendable {
    /// The text is no image reference.
    case invalidName(String, String)
    /// No image of this name; the store's directory.
    case notFound(String, layout: String)
    /// The index, a manifest or a configuration is not what it should be: of which image, and what.
    case malformed(String, String)
    /// A blob is not there.
    case missingBlob(String, digest: String)
    /// A blob's bytes are not what its name says.
    case corruptBlob(String, digest: String, found: String)
    /// A blob is longer or shorter than what points to it says, in bytes.
    case wrongSize(String, digest: String, said: Int, found: Int)
    /// A layer could not be unpacked.
    case unpackFailed(String, digest: String, reason: String)
}

extension ImageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidName(let name, let reason): "invalid image name \"\(name)\": \(reason)"
        case .notFound(let name, let layout):
            "image \(name) not found in \(layout); `images list` shows what is there"
        case .malformed(let name, let what): "image \(name) is malformed: \(what)"
        case .missingBlob(let name, let digest): "image \(name): blob \(digest) is missing"
        case .corruptBlob(let name, let digest, let found):
            "image \(name): blob \(digest) is corrupt: its bytes have the digest \(found)"
        case .wrongSize(let name, let digest, let said, let found):
            "image \(name): blob \(digest) has \(found) bytes, and what points to it says \(said)"
        case .unpackFailed(let name, let digest, let reason):
            "image \(name): unpack layer \(digest): \(reason)"
        }
    }
}
