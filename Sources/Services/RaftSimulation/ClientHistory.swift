import ContractRaft
import Simulation

/// What the clients asked, and what they were told.
struct ClientHistory {
    private(set) var operations: [RegisterOperation] = []
    /// Writes by their value, with the member that the client waits at; nil: it no longer waits.
    private var writes: [Int: (place: Int, member: MemberID?)] = [:]
    private var nextValue = 1

    /// - Returns: the value to be written, which no other write has.
    mutating func callWrite(through member: MemberID, at time: Int) -> Int {
        defer { nextValue += 1 }
        writes[nextValue] = (operations.count, member)
        operations.append(.init(kind: .write(nextValue), called: time, returned: nil))
        return nextValue
    }

    /// A client hears of its write when the member it asked applies it.
    mutating func wrote(_ value: Int, seenBy member: MemberID, at time: Int) {
        guard let write = writes[value], write.member == member,
            operations[write.place].returned == nil
        else { return }
        operations[write.place].returned = time
    }

    /// - Returns: the read's context.
    mutating func callRead(at time: Int) -> Int {
        operations.append(.init(kind: .read(0), called: time, returned: nil))
        return operations.count - 1
    }

    mutating func didRead(_ context: Int, value: Int, at time: Int) {
        guard operations[context].returned == nil else { return }
        operations[context].kind = .read(value)
        operations[context].returned = time
    }

    /// A member crashed: its clients never hear.
    mutating func forget(waitingAt member: MemberID) {
        for (value, write) in writes where write.member == member { writes[value]!.member = nil }
    }
}
