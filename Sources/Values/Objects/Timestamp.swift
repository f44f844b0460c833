/// A moment in UTC to the nanosecond, written as RFC 3339: `2026-11-22T04:17:24Z`.
///
/// RFC 3339 has four digits for the year. What lies beyond is the first or the last moment that can be written:
/// a time that one program writes, each other can read, and arithmetic on seconds has room.
///
/// Whole seconds are written without a fraction, as Kubernetes' `Time` is; others with six digits, as its
/// `MicroTime` is.
public struct Timestamp: Hashable, Sendable, Comparable {
    /// Seconds since 1970 began.
    public let seconds: Int
    /// 0 ..< 1 000 000 000
    public let nanoseconds: Int

    /// `0000-01-01T00:00:00Z` … `9999-12-31T23:59:59Z`
    private static let range = -62_167_219_200...253_402_300_799

    public init(seconds: Int, nanoseconds: Int = 0) {
        self.seconds = min(max(seconds, Self.range.lowerBound), Self.range.upperBound)
        self.nanoseconds = min(max(nanoseconds, 0), 999_999_999)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// Seconds from `earlier` to this moment.
    public func since(_ earlier: Timestamp) -> Double {
        Double(seconds - earlier.seconds) + Double(nanoseconds - earlier.nanoseconds) / 1e9
    }

    public func adding(seconds more: Int) -> Timestamp {
        Timestamp(seconds: seconds.adding(more), nanoseconds: nanoseconds)
    }
}

extension Timestamp: CustomStringConvertible {
    public var description: String {
        let (year, month, day) = civil(fromDays: floorDivide(seconds, 86400))
        let second = seconds - floorDivide(seconds, 86400) * 86400
        var text = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T"
        text += "\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))"
        if nanoseconds != 0 { text += ".\(pad(nanoseconds / 1000, 6))" }
        return text + "Z"
    }

    /// Reads RFC 3339 with any fraction and any offset; nil for anything else.
    public init?(_ text: String) {
        var reader = Reader(bytes: Array(text.utf8))
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2),
            reader.take("-"), let day = reader.number(2), reader.take("T") || reader.take("t"),
            let hour = reader.number(2), reader.take(":"), let minute = reader.number(2),
            reader.take(":"), let second = reader.number(2),
            (1...12).contains(month), (1...length(ofMonth: month, year)).contains(day), hour < 24,
            minute < 60, second < 60
        else { return nil }
        let nanoseconds = reader.take(".") ? reader.fraction() : 0
        guard let nanoseconds, let offset = reader.offsetSeconds(), reader.isAtEnd else {
            return nil
        }
        let days = days(fromCivil: year, month, day)
        self.init(
            seconds: days * 86400 + hour * 3600 + minute * 60 + second - offset,
            nanoseconds: nanoseconds)
    }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0
        var isAtEnd: Bool { at == bytes.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
            at += 1
            return true
        }

        mutating func digit() -> Int? {
            guard at < bytes.count, (48...57).contains(bytes[at]) else { return nil }
            at += 1
            return Int(bytes[at - 1]) - 48
        }

        mutating func number(_ digits: Int) -> Int? {
            var value = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        mutating func fraction() -> Int? {
            guard var value = digit() else { return nil }
            var digits = 1
            while let digit = digit() {
                if digits < 9 { (value, digits) = (value * 10 + digit, digits + 1) }
            }
            for _ in digits..<9 { value *= 10 }
            return value
        }

        mutating func offsetSeconds() -> Int? {
            if take("Z") || take("z") { return 0 }
            let sign = take("+") ? 1 : take("-") ? -1 : 0
            guard sign != 0, let hours = number(2), take(":"), let minutes = number(2),
                hours < 24, minutes < 60
            else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let timestamp = Timestamp(text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "\"\(text)\" is no RFC 3339 time"))
        }
        self = timestamp
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

private func pad(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

private func floorDivide(_ number: Int, _ divisor: Int) -> Int {
    (number >= 0 ? number : number - divisor + 1) / divisor
}

// Days since 1970 to a date and back, over eras of 400 years that begin on 1 March, so that the leap day
// comes last: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".

private func days(fromCivil year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = floorDivide(year, 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
}

private func length(ofMonth month: Int, _ year: Int) -> Int {
    let next = month == 12 ? (year + 1, 1) : (year, month + 1)
    return days(fromCivil: next.0, next.1, 1) - days(fromCivil: year, month, 1)
}

private func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719468
    let era = floorDivide(shifted, 146097)
    let dayOfEra = shifted - era * 146097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (
        yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
        dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    )
}
