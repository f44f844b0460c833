/// A block of IPv4 addresses.
public struct AddressRange: Sendable, CustomStringConvertible {
    public let first: UInt32
    public let last: UInt32
    private let bits: Int

    /// From `10.96.0.0/16`; nil for anything else, and for blocks of fewer than four addresses.
    public init?(_ text: String) {
        let halves = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard halves.count == 2, let address = Self.number(String(Substring(halves[0]))),
            let bits = Int(Substring(halves[1])),
            (8...30).contains(bits)
        else { return nil }
        let size: UInt32 = 1 << UInt32(32 - bits)
        first = address & ~(size - 1)
        last = first + size - 1
        self.bits = bits
    }

    public var description: String { "\(Self.text(first))/\(bits)" }

    /// The first and the last address are no host's.
    func contains(_ address: UInt32) -> Bool { first < address && address < last }

    static func text(_ number: UInt32) -> String {
        "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
    }

    static func number(_ text: String) -> UInt32? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8(Substring($0)) }
        guard parts.count == 4, bytes.count == 4 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
