/// Why a layer can't be unpacked, mounted or packed, where it isn't a system call that failed.
public enum SnapshotError: Error, Hashable, Sendable {
    /// The tar breaks its format: at which byte, and how.
    case brokenTar(offset: Int, String)
    /// A layer has an entry that no honest layer has: its name, and what is wrong with it.
    case hostileEntry(String, String)
    /// The tar has an entry that this reader does not know.
    case unsupportedEntry(String, type: UInt8)
    /// A mount that can't be asked of the kernel.
    case badMount(String)
    /// What the student's part did instead of answering.
    case part(String)
}

extension SnapshotError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .brokenTar(let offset, let what): "broken tar at byte \(offset): \(what)"
        case .hostileEntry(let name, let what): "tar entry \"\(name)\": \(what)"
        case .unsupportedEntry(let name, let type):
            "tar entry \"\(name)\": type '\(UnicodeScalar(type))' is not supported"
        case .badMount(let what): what
        case .part(let what): "lab 03, your part: \(what)"
        }
    }
}
