/// An amount of a resource, exactly: `500m` CPUs, `64Mi` bytes.
///
/// Kept in billionths, the finest that Kubernetes knows: what is finer is rounded up, what is beyond 2^63 - 1
/// is that number. So every quantity that can be written can be read, and sums end at the greatest one.
/// Suffixes: n u m, none, k M G T P E (powers of 1000), Ki Mi Gi Ti Pi Ei (powers of 1024), and `1e3`.
/// Two of one amount are equal, however they were written. Source: k8s.io/apimachinery, resource.Quantity.
public struct Quantity: Sendable, Comparable {
    /// Which suffixes it is written with.
    public enum Family: Sendable { case decimal, binary, exponent }

    let billionths: Int128
    public let family: Family

    static let limit = Int128(Int64.max) * 1_000_000_000

    init(billionths: Int128, _ family: Family) {
        self.billionths = Swift.min(Swift.max(billionths, -Self.limit), Self.limit)
        self.family = family
    }

    /// Written with a binary suffix where that leaves no rest, as amounts of memory are.
    public init(thousandths: Int) {
        let isBinary = thousandths != 0 && thousandths % 1_024_000 == 0
        self.init(billionths: Int128(thousandths) * 1_000_000, isBinary ? .binary : .decimal)
    }

    /// One CPU is 1000. Rounded up; what doesn't fit is the greatest or least number.
    public var thousandths: Int { Int(clamping: billionths.dividedUp(by: 1_000_000)) }

    /// Rounded up: `1500m` is 2.
    public var units: Int { Int(clamping: billionths.dividedUp(by: 1_000_000_000)) }

    public static let zero = Quantity(thousandths: 0)

    public static func < (left: Quantity, right: Quantity) -> Bool {
        left.billionths < right.billionths
    }

    public static func + (left: Quantity, right: Quantity) -> Quantity {
        let family = left.billionths == 0 ? right.family : left.family
        return Quantity(billionths: left.billionths + right.billionths, family)
    }
}

extension Quantity: Hashable {
    public static func == (left: Quantity, right: Quantity) -> Bool {
        left.billionths == right.billionths
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(billionths) }
}

extension Int128 {
    /// Rounded away from zero: if something is asked for, something is given.
    func dividedUp(by divisor: Int128) -> Int128 {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest == 0 ? quotient : quotient + signum()
    }
}

// MARK: Reading

extension Quantity {
    /// nil where the text is no quantity.
    public init?(_ text: String) {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        guard var number = Digits(&rest), let scale = Scale(rest) else { return nil }
        number.multiply(byPowerOfTwo: scale.two)
        let amount = number.amount(tens: scale.ten + 9)
        // Less than one in binary is written in decimal, as Kubernetes does.
        let isSmall = scale.family == .binary && amount < 1024 * 1_000_000_000
        self.init(
            billionths: isNegative ? -amount : amount, isSmall ? .decimal : scale.family)
    }

    /// What stands before the suffix: value × 10^exponent, and whether digits were left out behind it.
    private struct Digits {
        private var value: UInt128 = 0
        private var exponent = 0
        private var hasRest = false

        /// More would not fit once they are multiplied by 10^9, or by 2^60.
        private static let most: UInt128 = 10_000_000_000_000_000_000_000_000_000

        init?(_ text: inout Substring.UTF8View) {
            var isFraction = false
            var count = 0
            while let byte = text.first {
                if byte == UInt8(ascii: "."), !isFraction {
                    isFraction = true
                } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                    take(UInt128(byte - UInt8(ascii: "0")), isFraction)
                    count += 1
                } else {
                    break
                }
                text.removeFirst()
            }
            if count == 0 { return nil }
        }

        private mutating func take(_ digit: UInt128, _ isFraction: Bool) {
            if value >= Self.most {
                hasRest = hasRest || digit != 0
                if !isFraction { exponent += 1 }
            } else {
                value = value * 10 + digit
                if isFraction { exponent -= 1 }
            }
        }

        mutating func multiply(byPowerOfTwo power: Int) {
            while value.leadingZeroBitCount <= power {
                hasRest = hasRest || value % 10 != 0
                (value, exponent) = (value / 10, exponent + 1)
            }
            value <<= UInt128(power)
        }

        /// value × 10^(exponent + tens), rounded up, at most the limit.
        func amount(tens: Int) -> Int128 {
            var (value, hasRest) = (value, hasRest)
            if value == 0 { return 0 }
            var shift = exponent.adding(tens)
            while shift > 0, value <= UInt128(Quantity.limit) {
                (value, shift) = (value * 10, shift - 1)
            }
            while shift < 0, value > 0 {
                hasRest = hasRest || value % 10 != 0
                (value, shift) = (value / 10, shift + 1)
            }
            return Int128(Swift.min(value + (hasRest ? 1 : 0), UInt128(Quantity.limit)))
        }
    }

    /// What a suffix multiplies by: 2^two × 10^ten.
    private struct Scale {
        var (two, ten) = (0, 0)
        var family = Family.decimal

        /// Whatever is beyond makes an amount of nothing, or the greatest.
        private static let exponentMax = 1000

        private static func exponent(_ text: Substring.UTF8View) -> Int? {
            let isNegative = text.first == UInt8(ascii: "-")
            let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
            guard !digits.isEmpty,
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            let value = min(Int(Substring(digits)) ?? exponentMax, exponentMax)
            return isNegative ? -value : value
        }

        init?(_ suffix: Substring.UTF8View) {
            let text = String(Substring(suffix))
            if let index = Quantity.decimalSuffixes.firstIndex(of: text) {
                ten = 3 * index - 9
            } else if let index = Quantity.binarySuffixes.firstIndex(of: text), index > 0 {
                (two, family) = (10 * index, .binary)
            } else {
                guard suffix.first == UInt8(ascii: "e") || suffix.first == UInt8(ascii: "E"),
                    let exponent = Self.exponent(suffix.dropFirst())
                else { return nil }
                (ten, family) = (exponent, .exponent)
            }
        }
    }
}

// MARK: Writing

extension Quantity: CustomStringConvertible {
    fileprivate static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
    fileprivate static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]

    /// The one form that Kubernetes writes: no fraction, the largest suffix that leaves none, of the family
    /// that was read. `0.5` is `500m`, `1024Mi` is `1Gi`, `1000m` is `1`, `12e2` is `1200`.
    public var description: String {
        if billionths == 0 { return "0" }
        if family == .binary, billionths.magnitude >= 1024 * 1_000_000_000 {
            var (value, index) = (billionths.dividedUp(by: 1_000_000_000), 0)
            while value % 1024 == 0, index < 6 { (value, index) = (value / 1024, index + 1) }
            return "\(value)\(Self.binarySuffixes[index])"
        }
        var (value, thousands) = (billionths, -3)
        while value % 1000 == 0 { (value, thousands) = (value / 1000, thousands + 1) }
        if family == .exponent { return thousands == 0 ? "\(value)" : "\(value)e\(3 * thousands)" }
        return "\(value)\(Self.decimalSuffixes[thousands + 3])"
    }
}

extension Quantity: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text =
            try (try? container.decode(Int.self)).map(String.init)
            ?? container.decode(String.self)
        guard let quantity = Quantity(text) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "\"\(text)\" is no quantity: write 2, 500m or 64Mi"))
        }
        self = quantity
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
