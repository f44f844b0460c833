import Consensus
import Linux

/// Makes a lost or damaged member's directory anew, from those of all other members, while none of them runs.
///
/// Whatever a majority has acknowledged is on one of the others at least, and then that one's log is the furthest of them
/// (Raft, section 5.4). A copy of it is what this member would have become. It begins in a term in which nobody has
/// voted yet, so that it can't vote twice in one.
public struct Rebuilding {
    private let settings: StoreSettings
    private let others: [String]

    /// - Parameters:
    ///   - settings: the member's, as it will be started.
    ///   - others: the directories of all other members.
    public init(_ settings: StoreSettings, from others: [String]) {
        (self.settings, self.others) = (settings, others)
    }

    /// - Returns: the member whose log was the furthest, and its last entry.
    /// - Throws: `RebuildError`, `StartError`, `DamagedStore`.
    public func run() throws -> (member: Int, lastIndex: Int) {
        guard !Files.exists(Disk.path(in: settings.directory)) else {
            throw RebuildError.directoryTaken(settings.directory)
        }
        let found = try others.map { try (directory: $0, contents: read($0)) }
        let wanted = Set(settings.members.map(\.id)).subtracting([settings.id])
        let members = found.compactMap(\.contents.owner?.member)
        guard Set(members) == wanted, members.count == wanted.count else {
            throw RebuildError.notAllOthers(wanted: wanted.sorted(), found: members.sorted())
        }
        let best = found.map(\.contents).max { $0.lastEntry < $1.lastEntry }
        guard let best, let source = best.owner else {
            throw RebuildError.notAllOthers(wanted: wanted.sorted(), found: [])
        }
        let term = found.map(\.contents.restored.hardState.term).max() ?? 0
        let number = found.compactMap { $0.contents.knownDisks[settings.id] }.first
        try write(best, from: source, term: term + 1, number: number)
        return (source.member, best.lastEntry.index)
    }

    private func read(_ directory: String) throws -> Disk.Contents {
        guard Files.exists(Disk.path(in: directory)) else { throw RebuildError.noStore(directory) }
        let lock = try DirectoryLock(directory)
        let disk = try Disk(directory: directory)
        let contents = try disk.load(directory)
        try disk.close()
        guard contents.owner?.cluster == settings.clusterID else {
            throw StartError.foreignDirectory(
                directory, member: contents.owner?.member ?? 0, sameCluster: false)
        }
        lock.end()
        return contents
    }

    /// - Parameter number: the lost disk's own, by which the others go on knowing this member.
    private func write(
        _ best: Disk.Contents, from source: Disk.Owner, term: Int, number: Int?
    ) throws {
        var copy = best
        copy.owner = Disk.Owner(member: settings.id, cluster: settings.clusterID)
        copy.restored.hardState = HardState(term: term, votedFor: nil)
        copy.diskNumber = number
        copy.knownDisks[settings.id] = nil
        copy.knownDisks[source.member] = best.diskNumber
        copy.isAdmitted = true
        try Files.makeDirectories(settings.directory, mode: 0o700)
        let lock = try DirectoryLock(settings.directory)
        let disk = try Disk(directory: settings.directory)
        try disk.fill(with: copy)
        try disk.close()
        lock.end()
    }
}

extension Disk.Contents {
    /// What Raft compares when it asks whose log is further.
    fileprivate var lastEntry: (term: Int, index: Int) {
        restored.entries.last.map { ($0.term, $0.index) }
            ?? (restored.snapshotTerm, restored.snapshotIndex)
    }
}

/// What keeps a directory from being made anew.
public enum RebuildError: Error, Sendable, CustomStringConvertible {
    case directoryTaken(String)
    case noStore(String)
    case notAllOthers(wanted: [Int], found: [Int])

    public var description: String {
        switch self {
        case .directoryTaken(let path): "\(path) holds a store already: move it away first"
        case .noStore(let path): "there is no store in \(path)"
        case .notAllOthers(let wanted, let found):
            "--from has to name the directories of all other members, \(wanted), and names those of \(found): "
                + "with one of them missing, something acknowledged might be missing too"
        }
    }
}
