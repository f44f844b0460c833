/// A whole number that somebody outside wrote, held within what its field may have. Swift's `+` and `*` end the
/// program where a number doesn't fit 64 bits, and a user's number must never do that: of what these hold, sums,
/// and products of two, fit.
///
///     @Count public var replicas: Int?      // "replicas": 10^30 is read as 2^31 - 1
///
/// What Kubernetes keeps in 32 bits: a number of things, a port, an id, a percentage.
@propertyWrapper public struct Count<Value: BoundedNumber>: Hashable, Sendable {
    private var value: Value
    public init(wrappedValue: Value) { value = wrappedValue.held(in: Self.range) }
    public var wrappedValue: Value {
        get { value }
        set { value = newValue.held(in: Self.range) }
    }
    private static var range: ClosedRange<Int> { Int(Int32.min)...Int(Int32.max) }
}

/// A length of time in whole seconds that somebody outside wrote: at most what lies between the first and the
/// last moment that RFC 3339 can write, ten thousand years.
@propertyWrapper public struct Seconds<Value: BoundedNumber>: Hashable, Sendable {
    private var value: Value
    public init(wrappedValue: Value) { value = wrappedValue.held(in: Self.range) }
    public var wrappedValue: Value {
        get { value }
        set { value = newValue.held(in: Self.range) }
    }
    private static var range: ClosedRange<Int> { -315_569_520_000...315_569_520_000 }
}

/// A number, or none.
public protocol BoundedNumber: Hashable, Sendable {
    func held(in range: ClosedRange<Int>) -> Self
    init(number: Int)
    var number: Int? { get }
}

extension Int: BoundedNumber {
    public func held(in range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
    public init(number: Int) { self = number }
    public var number: Int? { self }
}

extension Int?: BoundedNumber {
    public func held(in range: ClosedRange<Int>) -> Int? { map { $0.held(in: range) } }
    public init(number: Int) { self = number }
    public var number: Int? { self }
}

// MARK: Reading and writing

private func wholeNumber(_ decoder: any Decoder) throws -> Int {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Int.self) { return value }
    let value = try container.decode(Double.self)  // 10^30, or 2.5
    guard value == value.rounded() else {
        throw DecodingError.typeMismatch(
            Int.self,
            .init(codingPath: decoder.codingPath, debugDescription: "expected a whole number"))
    }
    return value < 0 ? .min : .max
}

private func write(_ number: Int?, _ encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let number { try container.encode(number) } else { try container.encodeNil() }
}

extension Count: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(wrappedValue: Value(number: try wholeNumber(decoder)))
    }
    public func encode(to encoder: any Encoder) throws { try write(value.number, encoder) }
}

extension Seconds: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(wrappedValue: Value(number: try wholeNumber(decoder)))
    }
    public func encode(to encoder: any Encoder) throws { try write(value.number, encoder) }
}

extension Count where Value == Int? { public init() { self.init(wrappedValue: nil) } }
extension Seconds where Value == Int? { public init() { self.init(wrappedValue: nil) } }

// Members that may be missing: what the compiler makes for a struct's fields finds these.

extension KeyedDecodingContainer {
    public func decode(_: Count<Int?>.Type, forKey key: Key) throws -> Count<Int?> {
        try decodeIfPresent(Count<Int?>.self, forKey: key) ?? Count()
    }
    public func decode(_: Seconds<Int?>.Type, forKey key: Key) throws -> Seconds<Int?> {
        try decodeIfPresent(Seconds<Int?>.self, forKey: key) ?? Seconds()
    }
}

extension KeyedEncodingContainer {
    public mutating func encode(_ value: Count<Int?>, forKey key: Key) throws {
        try encodeIfPresent(value.wrappedValue, forKey: key)
    }
    public mutating func encode(_ value: Seconds<Int?>, forKey key: Key) throws {
        try encodeIfPresent(value.wrappedValue, forKey: key)
    }
}
