/// An amount of a resource, exactly: `500m` CPUs, `64Mi` bytes.
///
/// Kept in thousandths, since the smallest suffix that the kit meets is `m`; finer ones (`n`, `u`, as metrics
/// use them) are rounded up to the next thousandth, as Kubernetes rounds when it converts.
/// Suffixes: n u m, none, k M G T P E (powers of 1000), Ki Mi Gi Ti Pi Ei (powers of 1024), and `1e3`.
/// Source: k8s.io/apimachinery, resource.Quantity.
public struct Quantity: Hashable, Sendable, Comparable {
    /// One CPU is 1000; 64Mi is 67 108 864 000.
    public let thousandths: Int

    public init(thousandths: Int) { self.thousandths = thousandths }

    /// Rounded up: `1500m` is 2.
    public var units: Int { (thousandths + (thousandths > 0 ? 999 : 0)) / 1000 }

    public static func < (left: Quantity, right: Quantity) -> Bool {
        left.thousandths < right.thousandths
    }

    public static func + (left: Quantity, right: Quantity) -> Quantity {
        Quantity(thousandths: left.thousandths + right.thousandths)
    }

    public static let zero = Quantity(thousandths: 0)

    private static let decimal: [String: Int] = [
        "": 1000, "m": 1, "k": 1_000_000, "M": 1_000_000_000, "G": 1_000_000_000_000,
        "T": 1_000_000_000_000_000, "P": 1_000_000_000_000_000_000,
    ]
    private static let binary = ["Ki", "Mi", "Gi", "Ti", "Pi"]

    /// nil where the text is no quantity, or does not fit.
    public init?(_ text: String) {
        let isNegative = text.hasPrefix("-")
        let unsigned = text.drop { $0 == "-" || $0 == "+" }
        guard text.count - unsigned.count <= 1 else { return nil }
        let number = unsigned.prefix { $0.isNumber || $0 == "." }
        let suffix = String(unsigned.dropFirst(number.count))
        guard let (digits, decimals) = Self.parse(number),
            let scale = Self.scale(suffix)
        else { return nil }
        // digits / 10^decimals * numerator / denominator, rounded away from zero
        let (product, overflow) = digits.multipliedReportingOverflow(by: scale.numerator)
        var denominator = scale.denominator
        for _ in 0..<decimals { denominator *= 10 }
        if overflow { return nil }
        let (quotient, rest) = product.quotientAndRemainder(dividingBy: denominator)
        thousandths = (quotient + (rest > 0 ? 1 : 0)) * (isNegative ? -1 : 1)
    }

    /// `1.50` is the digits 15 with 1 decimal: trailing zeros of a fraction are dropped.
    private static func parse(_ number: Substring) -> (digits: Int, decimals: Int)? {
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, !number.isEmpty, number != "." else { return nil }
        var fraction = parts.count == 2 ? parts[1] : ""
        while fraction.hasSuffix("0") { fraction = fraction.dropLast() }
        guard fraction.count <= 9, let digits = Int(parts[0] + fraction) else { return nil }
        return (digits, fraction.count)
    }

    private static func scale(_ suffix: String) -> (numerator: Int, denominator: Int)? {
        if let factor = decimal[suffix] { return (factor, 1) }
        if suffix == "u" { return (1, 1000) }
        if suffix == "n" { return (1, 1_000_000) }
        if let power = binary.firstIndex(of: suffix) {
            return power < 5 ? (1000 * (1 << (10 * (power + 1))), 1) : nil
        }
        guard suffix.first == "e" || suffix.first == "E", let exponent = Int(suffix.dropFirst()),
            (-9...15).contains(exponent)
        else { return nil }
        let power = (0..<abs(exponent)).reduce(1) { product, _ in product * 10 }
        return exponent >= 0 ? (1000 * power, 1) : (1000, power)
    }
}

extension Quantity: CustomStringConvertible {
    /// The shortest of: `500m`, `2`, `64Mi`.
    public var description: String {
        guard thousandths % 1000 == 0 else { return "\(thousandths)m" }
        var value = thousandths / 1000
        var suffix = ""
        for next in Self.binary where value != 0 && value % 1024 == 0 {
            (value, suffix) = (value / 1024, next)
        }
        return "\(value)\(suffix)"
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

/// A number, or a text such as `25%` or the name of a port.
public enum IntOrString: Hashable, Sendable, Codable, CustomStringConvertible {
    case int(Int)
    case string(String)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .int(number)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .int(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        }
    }

    public var description: String {
        switch self {
        case .int(let number): "\(number)"
        case .string(let text): text
        }
    }
}
