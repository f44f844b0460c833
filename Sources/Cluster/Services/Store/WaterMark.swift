import Bytes
import Consensus
import Linux

/// How far a member's file certainly went: term, vote and last entry, in a small file of their own.
///
/// It is written after the store's file has been synchronised, and is not synchronised itself. So after a power cut it
/// may be old, which is harmless: half a transaction at the end of SQLite's write-ahead log is dropped, and nobody had
/// been told of it. But where the store's file goes less far than the mark, something was lost that others count on.
struct WaterMark: ~Copyable {
    private(set) var hardState: HardState
    private(set) var lastIndex: Int
    private let file: FileDescriptor

    static let name = "high-water-mark"
    private static let byteCount = 8 * 3 + 4

    /// - Throws: `SystemError`; `DamagedStore` where what is in the file was not written by a member.
    init(directory: String) throws {
        let path = "\(directory)/\(Self.name)"
        let file = try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
        let (state, index) = try Self.read(try Files.read(path), directory)
        self.file = file
        (hardState, lastIndex) = (state, index)
    }

    private static func read(_ bytes: [UInt8], _ directory: String) throws -> (HardState, Int) {
        // A power cut soon after its first writing leaves it empty or all zeros: then it says nothing.
        if bytes.allSatisfy({ $0 == 0 }) { return (HardState(), 0) }
        let numbers = (0..<3).map { number(bytes.dropFirst(8 * $0).prefix(8)) }
        let checksum = UInt32(truncatingIfNeeded: number(bytes.dropFirst(24)))
        guard bytes.count == byteCount, CRC32C.of(Array(bytes.prefix(24))) == checksum else {
            throw DamagedStore(
                directory: directory, file: name, place: "the checksum is another one")
        }
        let state = HardState(term: numbers[0], votedFor: numbers[1] == 0 ? nil : numbers[1])
        return (state, numbers[2])
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func set(_ state: HardState? = nil, lastIndex index: Int) throws {
        let state = state ?? hardState
        guard state != hardState || index != lastIndex else { return }
        var bytes: [UInt8] = []
        for number in [state.term, state.votedFor ?? 0, index] {
            withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
        }
        withUnsafeBytes(of: CRC32C.of(bytes).littleEndian) { bytes += $0 }
        let raw = file.raw
        _ = try check("write \(Self.name)") { pwrite(raw, bytes, bytes.count, 0) }
        (hardState, lastIndex) = (state, index)
    }
}
