import Simulation

/// What the clients asked, and what they were told. A client waits at a member by the place of its operation here, and
/// hears nothing more once that member crashes.
struct ClientHistory {
    private var operations: [RegisterOperation] = []
    /// Writes of which their clients were told that they were not done and never will be.
    private var refused: Set<Int> = []
    private var lastValue = 0

    /// All operations that may have had an effect.
    var history: [RegisterOperation] {
        operations.indices.filter { !refused.contains($0) }.map { operations[$0] }
    }

    var answered: Int { operations.count { $0.returned != nil } }

    /// The values of which clients were told that they are written.
    var acknowledged: [Int] {
        operations.compactMap { operation in
            guard case .write(let value) = operation.kind, operation.returned != nil else {
                return nil
            }
            return value
        }
    }

    /// - Returns: the value to be written, which no other write has.
    mutating func callWrite(at time: Int) -> (operation: Int, value: Int) {
        lastValue += 1
        operations.append(.init(kind: .write(lastValue), called: time, returned: nil))
        return (operations.count - 1, lastValue)
    }

    mutating func callRead(at time: Int) -> Int {
        operations.append(.init(kind: .read(0), called: time, returned: nil))
        return operations.count - 1
    }

    mutating func wrote(_ operation: Int, at time: Int) { operations[operation].returned = time }

    mutating func didRead(_ operation: Int, value: Int, at time: Int) {
        operations[operation].kind = .read(value)
        operations[operation].returned = time
    }

    mutating func refusedForCertain(_ operation: Int) { refused.insert(operation) }
}
