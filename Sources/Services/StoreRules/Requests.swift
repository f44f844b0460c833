import Bytes

/// Which request of which client a command of the log answers.
///
/// A number alone is not enough: numbers begin at 1 at each start, and the log still holds commands of the member's
/// former lives. Applied again, they must not wake whoever now waits for the same number. So each life of a member has
/// a random number of its own (etcd: pkg/idutil).
public struct RequestID: Hashable, Sendable {
    public var member: Int
    public var incarnation: Int
    public var number: Int

    public init(member: Int, incarnation: Int, number: Int) {
        (self.member, self.incarnation, self.number) = (member, incarnation, number)
    }
}

/// Clients that wait for their commands to be applied; `Waiter` is whatever is told of it.
public struct Requests<Waiter: Sendable>: Sendable {
    private struct Waiting {
        var deadline: Int
        var bytes: Int
        var waiter: Waiter
    }

    private let member: Int
    private let incarnation: Int
    private var nextNumber = 1
    private var waiting: [Int: Waiting] = [:]
    /// Of the commands that somebody waits for.
    public private(set) var bytes = 0

    public init(member: Int, incarnation: Int) {
        (self.member, self.incarnation) = (member, incarnation)
    }

    public var isEmpty: Bool { waiting.isEmpty }
    public var count: Int { waiting.count }

    public mutating func add(_ waiter: Waiter, bytes: Int, deadline: Int) -> RequestID {
        defer { nextNumber += 1 }
        waiting[nextNumber] = Waiting(deadline: deadline, bytes: bytes, waiter: waiter)
        self.bytes += bytes
        return RequestID(member: member, incarnation: incarnation, number: nextNumber)
    }

    /// Who waits for this request; nil for another member's, another life's, and one that was given up.
    public mutating func take(_ id: RequestID) -> Waiter? {
        guard id.member == member, id.incarnation == incarnation else { return nil }
        return take(id.number)
    }

    private mutating func take(_ number: Int) -> Waiter? {
        guard let gone = waiting.removeValue(forKey: number) else { return nil }
        bytes -= gone.bytes
        return gone.waiter
    }

    /// Those whose time is over, in the order in which they came.
    public mutating func takeExpired(now: Int) -> [Waiter] {
        waiting.filter { $0.value.deadline <= now }.keys.sorted().compactMap { take($0) }
    }

    public mutating func takeAll() -> [Waiter] { takeExpired(now: .max) }
}

/// A command as the log has it: whose it is, and what the state machine is asked.
public struct LoggedCommand: Hashable, Sendable {
    /// nil: nobody waits.
    public var request: RequestID?
    public var body: [UInt8]

    public init(request: RequestID?, body: [UInt8]) { (self.request, self.body) = (request, body) }

    /// The first number says how to read the rest. It is negative, since until version 2 a member's number, or 0, stood
    /// in its place.
    private enum Format { static let anonymous = -1, ofRequest = -2 }

    public var encoded: [UInt8] {
        var writer = ByteWriter()
        if let request {
            writer.int(Format.ofRequest)
            writer.int(request.member)
            writer.int(request.incarnation)
            writer.int(request.number)
        } else {
            writer.int(Format.anonymous)
        }
        writer.raw(body)
        return writer.bytes
    }

    /// - Throws: `ByteReader.Malformed`.
    public init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes)
        switch try reader.int() {
        case Format.anonymous: request = nil
        case Format.ofRequest:
            request = RequestID(
                member: try reader.int(), incarnation: try reader.int(), number: try reader.int())
        case 0...:
            // What a kit before this one logged: a member and a number of one of its former lives.
            _ = try reader.int()
            request = nil
        default: throw ByteReader.Malformed(offset: 0)
        }
        body = reader.rest()
    }
}
