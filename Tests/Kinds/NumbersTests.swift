import JSON
import Objects
import Testing

@Suite struct Numbers {
    @Test(
        "A quantity is kept exactly, and one that doesn't fit is the greatest",
        arguments: [
            ("1Ei", "1Ei"), ("10Pi", "10Pi"), ("5P", "5P"), ("8Ei", "9223372036854775807"),
            ("1e30", "9223372036854775807"), ("-9e99", "-9223372036854775807"),
            ("10e9223372036854775807", "9223372036854775807"), ("1e-2147483648", "1e-9"),
            ("1.5e-9223372036854775808", "1e-9"), ("-0.0000000001", "-1n"), ("0e99999999999", "0"),
            ("0.9Ki", "921600m"), ("123456789.123456789", "123456789123456789n"),
            ("9223372036854775.807123456", "9223372036854775807123456n"),
            ("00000000000000000000000000000000000000001", "1"),
        ])
    func quantity(written: String, canonical: String) throws {
        let quantity = try #require(Quantity(written))
        #expect(quantity.description == canonical)
        #expect(Quantity(quantity.description) == quantity)
    }

    @Test func `Sums of quantities end at the greatest one`() throws {
        let most = try #require(Quantity("9E"))
        #expect((most + most).units == Int.max)
        #expect(try #require(Quantity("5P")).thousandths == 5_000_000_000_000_000_000)
        #expect(most.thousandths == Int.max)
        #expect(try #require(Quantity("1.0001")).thousandths == 1001)
        #expect(try #require(Quantity("-1500m")).units == -2)
        #expect(Quantity("1024") == Quantity("1Ki"))
        #expect(Quantity("1.3Ki")?.description == "1332")
        #expect(Quantity(thousandths: 4_028_792 * 1_024_000).description == "4028792Ki")
    }

    private struct Written: Codable, Hashable {
        @Count var count: Int
        @Count var some: Int?
        @Seconds var seconds: Int?
    }

    @Test func `A number of the wire is held within what its field may have`() throws {
        let read: Written = try tree(
            #"{"count":1000000000000000000000000000000,"some":-9223372036854775808,"seconds":9223372036854775807}"#
        ).decode()
        #expect(read.count == Int(Int32.max) && read.some == Int(Int32.min))
        #expect(read.seconds == 315_569_520_000)
        #expect(Timestamp(seconds: 0).adding(seconds: read.seconds!).seconds > 0)
        let none: Written = try tree(#"{"count":1,"some":null}"#).decode()
        #expect(none.some == nil && none.seconds == nil)
        #expect(try JSON(encoding: none) == ["count": 1])
        #expect(throws: DecodingError.self) { _ = try tree(#"{"count":2.5}"#).decode(Written.self) }
        #expect(throws: DecodingError.self) { _ = try tree(#"{"count":"2"}"#).decode(Written.self) }
        #expect(throws: DecodingError.self) { _ = try tree("{}").decode(Written.self) }
        #expect(try tree("1e30").decode(IntOrString.self) == .int(Int(Int32.max)))
    }

    @Test func `Arithmetic ends at the ends`() {
        #expect(Int.max.adding(1) == .max && Int.min.adding(-1) == .min)
        #expect(Int.min.subtracting(1) == .min && Int.max.subtracting(-1) == .max)
        #expect(Int.min.times(-1) == .max && Int.max.times(-2) == .min)
    }

    @Test func `Every time that is written can be read`() throws {
        for seconds in [Int.min, -62_167_219_201, -1, 0, 253_402_300_800, 300_000_000_000, Int.max]
        {
            let time = Timestamp(seconds: seconds)
            #expect(Timestamp(time.description) == time, "\(seconds)")
        }
        #expect(Timestamp(seconds: 300_000_000_000).description == "9999-12-31T23:59:59Z")
        #expect(Timestamp(seconds: 0).adding(seconds: .max).description == "9999-12-31T23:59:59Z")
        #expect(Timestamp("0000-01-01T00:00:00+23:59")?.description == "0000-01-01T00:00:00Z")
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "11476-08-20T05:34:26Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:60Z",
            "2026-01-01T24:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+24:00",
            "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "",
        ])
    func noTime(text: String) {
        #expect(Timestamp(text) == nil)
    }
}
