/// An IPv4 address, or a network of them.
public struct IPv4: Hashable, Sendable {
    public let bits: UInt32

    /// - Parameter text: `10.96.0.1`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        guard parts.count == 4, bytes.count == 4 else { return nil }
        bits = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Whether the address is in `network`: `10.244.0.0/16`, or one address.
    public func isIn(_ network: some StringProtocol) -> Bool {
        let parts = network.split(separator: "/")
        guard let first = parts.first, let base = IPv4(first) else { return false }
        let length = parts.count > 1 ? UInt32(parts[1]) ?? 32 : 32
        let mask: UInt32 = length == 0 ? 0 : ~0 << (32 - min(length, 32))
        return bits & mask == base.bits & mask
    }
}
