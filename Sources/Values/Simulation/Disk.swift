/// An append-only disk with transactions, which loses and tears on a crash what was not synchronised.
///
/// A transaction is several records and a mark that it is whole. A crash leaves of the unsynchronised records any
/// beginning; a recovery takes the transactions that have their mark.
public struct SimulatedDisk<Record: Sendable>: Sendable {
    private enum Slot: Sendable {
        case record(Record)
        case mark
    }

    private var slots: [Slot] = []
    private var syncedCount = 0
    /// Crashes in the middle of a transaction.
    public private(set) var tornCount = 0

    public init() {}

    /// Hands records to the disk; they are not safe before `sync`.
    public mutating func write(_ records: [Record]) {
        slots += records.map(Slot.record)
        slots.append(.mark)
    }

    public mutating func sync() { syncedCount = slots.count }

    public mutating func crash(dice: inout Dice) {
        let survivors = dice.roll(syncedCount...slots.count)
        slots.removeSubrange(survivors...)
        if let last = slots.last, case .record = last { tornCount += 1 }
    }

    /// The crash at its worst: nothing survives that was not synchronised.
    public mutating func crashLosingAll() { slots.removeSubrange(syncedCount...) }

    /// The records of whole transactions, in order. What is torn is gone afterwards.
    public mutating func recover() -> [Record] {
        let whole = slots.lastIndex { if case .mark = $0 { true } else { false } }
        slots.removeSubrange((whole.map { $0 + 1 } ?? 0)...)
        syncedCount = slots.count
        return slots.compactMap { if case .record(let record) = $0 { record } else { nil } }
    }

    /// The records so far are replaced by fewer that mean the same, as a checkpoint does.
    public mutating func replace(with records: [Record]) {
        slots = []
        write(records)
        sync()
    }

    public var recordCount: Int { slots.count }
}
