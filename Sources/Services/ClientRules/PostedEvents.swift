/// Which events have been posted, by what they say; the oldest are forgotten first.
public struct PostedEvents {
    public static let countMax = 256
    private var events: [String: (name: String, count: Int)] = [:]
    private var order: [String] = []
    private var serial = 0

    public init() {}

    /// The event that says the same, and how often it has been said, this time included.
    public mutating func again(_ key: String) -> (name: String, count: Int)? {
        guard let (name, count) = events[key] else { return nil }
        events[key] = (name, count + 1)
        return (name, count + 1)
    }

    public mutating func first(_ key: String, name: String) {
        if events.updateValue((name, 1), forKey: key) == nil { order.append(key) }
        if order.count > Self.countMax { events[order.removeFirst()] = nil }
    }

    public mutating func nextSerial() -> Int {
        serial += 1
        return serial
    }
}
