import ContractControlGroups

/// A Kubernetes quantity: a decimal number and a suffix, kept exactly.
///
/// `500m` is 500/1000, `1.5Gi` is 15 * 2^30 / 10, `2e3` is 2000.
struct Quantity {
    /// The value is `numerator / denominator`.
    let numerator: Int
    let denominator: Int

    /// - Throws: `BadQuantity` for what is no quantity, or none that fits into 63 bits, or below
    ///   zero.
    init(_ text: String) throws {
        // step 02.1 begin
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = String(text.dropFirst(number.count))
        let pieces = number.split(separator: ".", omittingEmptySubsequences: false)
        guard !number.isEmpty, number != ".", pieces.count <= 2,
            let digits = Int(pieces.joined()), let scale = Self.scale(of: suffix)
        else { throw BadQuantity(text) }
        var divisor = scale.divisor
        for _ in pieces.dropFirst().joined() {
            let (next, overflow) = divisor.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw BadQuantity(text) }
            divisor = next
        }
        let (value, overflow) = digits.multipliedReportingOverflow(by: scale.factor)
        guard !overflow else { throw BadQuantity(text) }
        (numerator, denominator) = (value, divisor)
        // step 02.1 end
    }

    /// Binary suffixes are powers of 1024, decimal ones of 1000; `m`, `u` and `n` divide; `e3` is
    /// an exponent.
    private static func scale(of suffix: String) -> (factor: Int, divisor: Int)? {
        switch suffix {
        case "": return (1, 1)
        case "n": return (1, 1_000_000_000)
        case "u": return (1, 1_000_000)
        case "m": return (1, 1000)
        default: break
        }
        if let power = ["k", "M", "G", "T", "P", "E"].firstIndex(of: suffix) {
            return (raise(1000, to: power + 1), 1)
        }
        if let power = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].firstIndex(of: suffix) {
            return (1 << (10 * (power + 1)), 1)
        }
        guard suffix.first == "e" || suffix.first == "E", let exponent = Int(suffix.dropFirst()),
            (-18...18).contains(exponent)
        else { return nil }
        return exponent < 0 ? (1, raise(10, to: -exponent)) : (raise(10, to: exponent), 1)
    }

    private static func raise(_ base: Int, to power: Int) -> Int {
        (0..<power).reduce(1) { product, _ in product * base }
    }

    /// The value in units of one `parts`th, rounded up, as Kubernetes rounds.
    func inUnits(_ parts: Int) throws -> Int {
        let (scaled, overflow) = numerator.multipliedReportingOverflow(by: parts)
        guard !overflow else { throw BadQuantity("\(numerator)/\(denominator)") }
        return scaled / denominator + (scaled % denominator > 0 ? 1 : 0)
    }
}
