import Bytes
import Testing

@Suite struct ChecksumTests {
    private func of(_ bytes: [UInt8]) -> UInt32 {
        var checksum = CRC32C()
        checksum.add(bytes)
        return checksum.value
    }

    @Test func `the checksum is the one of RFC 3720`() {
        #expect(of(Array("123456789".utf8)) == 0xE306_9283)
        #expect(of(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(of(Array(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(of(Array(0..<32)) == 0x46DD_794E)
        #expect(of([]) == 0)
    }

    @Test func `a number is its eight bytes, and pieces are the whole`() {
        var checksum = CRC32C()
        checksum.add(0x0807_0605_0403_0201)
        checksum.add([9, 10])
        #expect(checksum.value == of(Array(1...10)))
    }
}
