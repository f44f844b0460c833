/// Quantities in the one form that Kubernetes writes: no fraction, the largest suffix that leaves
/// none, of the
/// family the client chose. `0.5` is `500m`, `1024Mi` is `1Gi`, `1000m` is `1`, `1e3` stays of its
/// family.
/// Source: k8s.io/apimachinery, pkg/api/resource, "Serialization Format".
enum CanonicalQuantity {
    static let complaint =
        "quantities must match the regular expression "
        + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

    private static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
    private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]

    private enum Family { case decimal, binary, exponent }

    /// nil for what is no quantity. Amounts beyond 18 digits stay as they were written.
    static func text(of text: String) -> String? {
        guard let parts = split(text) else { return nil }
        if let power = binarySuffixes.dropFirst().firstIndex(of: parts.suffix) {
            return binary(parts, power) ?? text
        }
        if let index = decimalSuffixes.firstIndex(of: parts.suffix) {
            return decimal(parts, exponent: 3 * index - 9, .decimal) ?? text
        }
        guard parts.suffix.first == "e" || parts.suffix.first == "E",
            let exponent = Int(parts.suffix.dropFirst().drop { $0 == "+" })
        else { return nil }
        return decimal(parts, exponent: exponent, .exponent) ?? text
    }

    private struct Parts {
        let isNegative: Bool
        /// All digits, without the point.
        let digits: Substring
        /// How many of them follow the point.
        let decimals: Int
        let suffix: String
    }

    private static func split(_ text: String) -> Parts? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest.removeFirst() }
        let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
        let halves = number.split(separator: ".", omittingEmptySubsequences: false)
        guard halves.count <= 2, number.contains(where: { $0 != "." }) else { return nil }
        let decimals = halves.count == 2 ? halves[1].count : 0
        return Parts(
            isNegative: isNegative, digits: Substring(halves.joined()), decimals: decimals,
            suffix: String(rest.dropFirst(number.count)))
    }

    /// The value as digits × 10^exponent with no zero at the end; nil past 18 digits.
    private static func normal(_ parts: Parts, _ exponent: Int) -> (value: Int, exponent: Int)? {
        guard parts.digits.count <= 18, var value = Int(parts.digits) else { return nil }
        var exponent = exponent - parts.decimals
        if value == 0 { return (0, 0) }
        while value % 10 == 0 { (value, exponent) = (value / 10, exponent + 1) }
        return (parts.isNegative ? -value : value, exponent)
    }

    private static func decimal(_ parts: Parts, exponent: Int, _ family: Family) -> String? {
        guard var (value, exponent) = normal(parts, exponent) else { return nil }
        if value == 0 { return "0" }
        while exponent < -9 {  // finer than a nano: rounded up
            value = value / 10 + (value % 10 > 0 ? 1 : 0)
            exponent += 1
        }
        while (exponent % 3 + 3) % 3 != 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            (value, exponent) = (product, exponent - 1)
        }
        if family == .exponent { return exponent == 0 ? "\(value)" : "\(value)e\(exponent)" }
        let index = exponent / 3 + 3
        guard decimalSuffixes.indices.contains(index) else { return nil }
        return "\(value)\(decimalSuffixes[index])"
    }

    private static func binary(_ parts: Parts, _ power: Int) -> String? {
        guard let (digits, exponent) = normal(parts, 0) else { return nil }
        guard exponent < 0 || power <= 6 else { return nil }
        var (value, overflow) = digits.multipliedReportingOverflow(by: 1 << (10 * power))
        for _ in 0..<abs(exponent) where !overflow {
            if exponent > 0 {
                (value, overflow) = value.multipliedReportingOverflow(by: 10)
            } else {
                value = value / 10 + (value % 10 > 0 ? 1 : 0)  // a part of a byte is rounded up
            }
        }
        if overflow { return nil }
        if abs(value) < 1024 { return "\(value)" }  // small ones change family, as in Kubernetes
        var index = 0
        while value % 1024 == 0, index < 6 { (value, index) = (value / 1024, index + 1) }
        return "\(value)\(binarySuffixes[index])"
    }
}
