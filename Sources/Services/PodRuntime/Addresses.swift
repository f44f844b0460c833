import Linux

/// A block of IPv4 addresses: `10.244.1.0/24`.
public struct CIDR: Hashable, Sendable, CustomStringConvertible {
    public let base: UInt32
    /// 0 … 32
    public let prefix: Int

    public init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let prefix = Int(parts[1]), (0...32).contains(prefix),
            let address = Self.address(String(parts[0]))
        else { return nil }
        self.prefix = prefix
        base = prefix == 0 ? 0 : address & (UInt32.max << (32 - prefix))
    }

    public static func address(_ text: String) -> UInt32? {
        let bytes = text.split(separator: ".", omittingEmptySubsequences: false)
            .compactMap { UInt8($0) }
        guard bytes.count == 4, text.filter({ $0 == "." }).count == 3 else { return nil }
        return bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    public static func text(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { "\(address >> UInt32($0) & 255)" }.joined(separator: ".")
    }

    /// The bridge's own address: the first after the block's.
    public var gateway: String { Self.text(base + 1) }
    /// The first and the last address that a pod may have.
    public var podAddresses: ClosedRange<UInt32> {
        base + 2...base + UInt32((1 << (32 - prefix)) - 2)
    }
    public var description: String { "\(Self.text(base))/\(prefix)" }
}

/// Which pod has which address: one file an address, its content the sandbox's id, as CNI's
/// host-local has it.
///
/// Files, so that a kubelet that was restarted gives no address away twice. The search goes on from
/// the last address given, so that an address rests for as long as possible before it is used
/// again.
public struct AddressPool: Sendable {
    public let directory: String
    public let block: CIDR

    public init(directory: String, block: CIDR) throws(SystemError) {
        (self.directory, self.block) = (directory, block)
        try Files.makeDirectories(directory)
    }

    /// The next free address after `last` in `block`, round and round; nil when all are taken.
    public static func next(in block: CIDR, after last: UInt32?, taken: Set<UInt32>) -> UInt32? {
        let addresses = block.podAddresses
        let start =
            last.map { addresses.contains($0) ? $0 : addresses.upperBound }
            ?? addresses.upperBound
        let count = UInt32(addresses.count)
        return (1...count).lazy
            .map { addresses.lowerBound + (start - addresses.lowerBound + $0) % count }
            .first { !taken.contains($0) }
    }

    /// Gives `owner` an address. One caller at a time.
    public func allocate(for owner: String) throws -> String {
        let taken = Set(try Files.list(directory).compactMap(CIDR.address))
        let last = (try? Files.readText("\(directory)/last")).flatMap(CIDR.address)
        guard let address = Self.next(in: block, after: last, taken: taken) else {
            throw RuntimeFailure("no address left in \(block): \(taken.count) pods have one")
        }
        let text = CIDR.text(address)
        try Files.write(owner, to: "\(directory)/\(text)")
        try Files.write(text, to: "\(directory)/last")
        return text
    }

    public func release(_ address: String) {
        try? Files.removeTree("\(directory)/\(address)")
    }

    /// Takes back every address whose owner is not among `owners`.
    public func keep(only owners: Set<String>) throws {
        for name in try Files.list(directory) where CIDR.address(name) != nil {
            if !owners.contains((try? Files.readText("\(directory)/\(name)")) ?? "") {
                release(name)
            }
        }
    }
}
