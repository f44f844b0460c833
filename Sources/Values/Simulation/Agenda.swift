/// Things to come, by virtual time; what is due at the same time happens in the order in which it was put down.
public struct Agenda<Item: Sendable>: Sendable {
    private struct Place: Sendable {
        var time: Int
        var number: Int
        var item: Item

        func isBefore(_ other: Place) -> Bool {
            time != other.time ? time < other.time : number < other.number
        }
    }

    /// The virtual time: that of the last thing taken.
    public private(set) var now = 0
    /// A binary heap, the soonest first.
    private var heap: [Place] = []
    private var nextNumber = 0

    public init() {}

    public var isEmpty: Bool { heap.isEmpty }
    public var nextTime: Int? { heap.first?.time }

    /// - Parameter delay: from now; a negative one counts as 0.
    public mutating func add(_ item: Item, after delay: Int) {
        heap.append(Place(time: now + max(0, delay), number: nextNumber, item: item))
        nextNumber += 1
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next thing; the clock goes to its time.
    public mutating func next() -> Item? {
        guard let first = heap.first else { return nil }
        now = first.time
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return first.item
    }

    /// Time passes in which nothing is due.
    public mutating func advance(to time: Int) {
        precondition(nextTime.map { $0 >= time } ?? true, "something is due before")
        now = max(now, time)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
