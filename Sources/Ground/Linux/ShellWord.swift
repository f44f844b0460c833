/// A word that a shell takes as it is, whatever is in it: plain words stay plain, others stand between single quotes.
public func shellWord(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
        byte >= 0x30 && byte <= 0x39 || byte >= 0x41 && byte <= 0x5A || byte >= 0x61 && byte <= 0x7A
            || "/._-+:@%,=".utf8.contains(byte)
    }
    if plain, !word.isEmpty { return word }
    let inside = word.utf8.flatMap { $0 == UInt8(ascii: "'") ? Array("'\\''".utf8) : [$0] }
    return "'" + String(decoding: inside, as: UTF8.self) + "'"
}
