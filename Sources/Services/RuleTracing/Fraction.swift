/// An exact share: what one has after 1/3 of the packets stopped and 1/2 of the rest is 1/3, not
/// 0.33333333335.
public struct Fraction: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// In lowest terms; the denominator is positive.
    public let numerator: Int
    public let denominator: Int

    public static let (zero, one) = (Fraction(0, 1), Fraction(1, 1))

    /// - Parameter denominator: not 0.
    public init(_ numerator: Int, _ denominator: Int) {
        var (divisor, rest) = (abs(denominator), abs(numerator))
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        let sign = denominator < 0 ? -1 : 1
        self.numerator = sign * numerator / divisor
        self.denominator = abs(denominator) / divisor
    }

    /// A probability as a rule has it, in decimals.
    ///
    /// The kernel keeps 31 bits of it, so it can't tell 1/3 from what is as near as `0.3333333333`:
    /// that is 1/3 here. `0.33` is 33/100.
    public init?(probability text: some StringProtocol) {
        guard let value = Double(String(text)), (0...1).contains(value) else { return nil }
        let nearest = value > 0x1p-31 ? (1 / value).rounded() : 1
        if value > 0x1p-31, abs(value - 1 / nearest) < 0x1p-31 {
            self.init(1, Int(nearest))
        } else {
            self.init(Int((value * 1e9).rounded()), 1_000_000_000)
        }
    }

    public var value: Double { Double(numerator) / Double(denominator) }

    public static func * (one: Fraction, other: Fraction) -> Fraction {
        let (a, b) = (
            Fraction(one.numerator, other.denominator), Fraction(other.numerator, one.denominator)
        )
        let (top, isTooBig) = a.numerator.multipliedReportingOverflow(by: b.numerator)
        let (bottom, isTooFine) = a.denominator.multipliedReportingOverflow(by: b.denominator)
        return isTooBig || isTooFine ? near(one.value * other.value) : Fraction(top, bottom)
    }

    public static func + (one: Fraction, other: Fraction) -> Fraction {
        let (left, l) = one.numerator.multipliedReportingOverflow(by: other.denominator)
        let (right, r) = other.numerator.multipliedReportingOverflow(by: one.denominator)
        let (bottom, b) = one.denominator.multipliedReportingOverflow(by: other.denominator)
        let (top, t) = left.addingReportingOverflow(right)
        return l || r || b || t ? near(one.value + other.value) : Fraction(top, bottom)
    }

    public static func - (one: Fraction, other: Fraction) -> Fraction {
        one + Fraction(-other.numerator, other.denominator)
    }

    public static func < (one: Fraction, other: Fraction) -> Bool { (one - other).numerator < 0 }

    /// Where whole numbers of 64 bits don't suffice: the kernel's own 31 bits.
    private static func near(_ value: Double) -> Fraction {
        Fraction(Int((value * 0x1p31).rounded()), 1 << 31)
    }

    /// `8/27`; `1`.
    public var description: String {
        denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
    }
    /// `29.6 %`
    public var percent: String {
        let tenths = Int((value * 1000).rounded())
        return "\(tenths / 10).\(abs(tenths % 10)) %"
    }
}
