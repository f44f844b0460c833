/// One operation of a client on a register, as the client saw it.
public struct RegisterOperation: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case write(Int)
        /// What was read; 0 where nothing was written yet.
        case read(Int)
    }
    public var kind: Kind
    public var called: Int
    /// nil: no answer came, so that it may happen at any later time, or never.
    public var returned: Int?

    public init(kind: Kind, called: Int, returned: Int?) {
        self.kind = kind
        self.called = called
        self.returned = returned
    }
}

/// Whether a history can be put into one order in which every operation takes effect at a moment between its
/// call and its return, and every read sees the last write before it (Wing and Gong's search, with the states
/// already tried remembered, as Lowe has it).
///
/// - Parameter history: operations on one register; every written value differs.
public func isLinearizable(_ history: [RegisterOperation]) -> Bool {
    var search = LinearizationSearch(operations: decided(history))
    return search.run()
}

/// The operations that the answers say something about, each with an end.
///
/// A read without an answer says nothing. A write without an answer whose value nobody read can be left out of any
/// order without harm; one whose value was read had happened when the first such read returned.
private func decided(_ history: [RegisterOperation]) -> [RegisterOperation] {
    var firstSeen: [Int: Int] = [:]
    for operation in history {
        if case .read(let value) = operation.kind, let returned = operation.returned {
            firstSeen[value] = min(firstSeen[value] ?? returned, returned)
        }
    }
    let ended = history.compactMap { operation -> RegisterOperation? in
        var operation = operation
        if case .write(let value) = operation.kind, operation.returned == nil {
            operation.returned = firstSeen[value]
        }
        return operation.returned == nil ? nil : operation
    }
    return ended.sorted { $0.called < $1.called }
}

private struct LinearizationSearch {
    struct State: Hashable {
        /// Everything before this place is done.
        var first: Int
        /// Places at or after `first` that are done.
        var done: Set<Int>
        var value: Int
    }

    let operations: [RegisterOperation]
    private var seen: Set<State> = []

    init(operations: [RegisterOperation]) { self.operations = operations }

    mutating func run() -> Bool {
        var stack = [State(first: 0, done: [], value: 0)]
        while let state = stack.popLast() {
            if state.first == operations.count { return true }
            guard seen.insert(state).inserted else { continue }
            stack += successors(of: state)
        }
        return false
    }

    private func successors(of state: State) -> [State] {
        // Whatever returned first bounds what may come next.
        var bound = Int.max
        for place in state.first..<operations.count where !state.done.contains(place) {
            if operations[place].called > bound { break }
            bound = min(bound, operations[place].returned!)
        }
        var next: [State] = []
        for place in state.first..<operations.count {
            if operations[place].called > bound { break }
            guard !state.done.contains(place) else { continue }
            switch operations[place].kind {
            case .read(let value) where value == state.value:
                next.append(advanced(state, by: place, value: value))
            case .write(let value): next.append(advanced(state, by: place, value: value))
            case .read: break
            }
        }
        return next
    }

    private func advanced(_ state: State, by place: Int, value: Int) -> State {
        var next = State(first: state.first, done: state.done, value: value)
        next.done.insert(place)
        while next.done.remove(next.first) != nil { next.first += 1 }
        return next
    }
}
