/// Finds out who spoils it for all: iptables-restore(8) takes a text whole or not at all, and
/// doesn't say which Service a line that it refuses belongs to.
///
/// Halves the items until the ones that are refused by themselves are left: for one among n it asks
/// about 2·log₂ n times. Worked example: of a b c d with c bad: abcd no, ab yes, cd no, c no, d
/// yes.
/// - Parameter isAccepted: true for a set without spoilers.
/// - Returns: the spoilers in order; none where the whole is refused and its halves are not.
public func spoilers<Item: Sendable>(
    among items: [Item], isAccepted: ([Item]) async throws -> Bool
) async rethrows -> [Item] {
    if try await isAccepted(items) { return [] }
    if items.count <= 1 { return items }
    let middle = items.count / 2
    let first = try await spoilers(among: Array(items[..<middle]), isAccepted: isAccepted)
    return try await first + spoilers(among: Array(items[middle...]), isAccepted: isAccepted)
}
