import GRDB

/// What keeps a member from starting.
public enum StartError: Error, Sendable, CustomStringConvertible {
    case foreignDirectory(String, member: Int, sameCluster: Bool)
    case emptiedDisk(String, member: Int, knownBy: Int)
    case directoryInUse(String, holder: String)
    /// The file, and SQLite's words.
    case unusable(String, words: String)

    public var description: String {
        switch self {
        case .foreignDirectory(let path, let member, let sameCluster):
            "\(path) holds the data of member \(member)"
                + (sameCluster ? "" : " of another cluster")
                + ": give this member its own --data, or the same --id and --cluster as before"
        case .emptiedDisk(let path, let member, let knownBy):
            "\(path) is not the disk that member \(knownBy) knows as member \(member)'s: what this member "
                + "promised and acknowledged is not there, so it may not vote under this name. Put its own "
                + "directory back, or make it anew from the others': stop them, move \(path) away, and see "
                + "raft rebuild --help. Without it the others go on while they are a majority"
        case .directoryInUse(let path, let holder):
            "\(path) is in use by \(holder): one member runs on a directory. "
                + "Stop that one first, or give this member its own --data"
        case .unusable(let file, let words): "\(file) can't be used: SQLite says: \(words)"
        }
    }
}

/// A member's directory does not hold what the member wrote there.
public struct DamagedStore: Error, Sendable, CustomStringConvertible {
    public var directory: String
    public var file: String
    /// Where in the file, or what is wrong with it.
    public var place: String

    public var description: String {
        "\(directory)/\(file) is damaged (\(place)). This member does not start, since it might answer with less than "
            + "it has promised. The others go on while they are a majority. To make it anew from them: stop them, "
            + "move \(directory) away, and see raft rebuild --help"
    }
}

/// SQLite's complaints about its file, as ours.
func noticingDamage<Result>(in directory: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as DatabaseError {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT, .SQLITE_SCHEMA, .SQLITE_ERROR:
            throw DamagedStore(
                directory: directory, file: "store.sqlite", place: "SQLite says: \(error)")
        default: throw StartError.unusable("\(directory)/store.sqlite", words: "\(error)")
        }
    }
}
