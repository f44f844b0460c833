import Dispatch
import EtcdAPI
import Foundation
import Linux

extension Member {
    /// Writes the keyspace as it is now into a file, on another thread.
    ///
    /// - Returns: the directory that holds the file `snapshot`, to be removed by whoever asked.
    func backUp() async throws -> String {
        let folder = try Files.makeTemporaryDirectory(prefix: "\(settings.directory)/backup-")
        let (keyspace, index) = (keyspace, appliedIndex)
        do {
            try await withCheckedThrowingContinuation { done in
                DispatchQueue.global().async {
                    done.resume(
                        with: Result {
                            try Backup.write(
                                keyspace, appliedIndex: index, to: "\(folder)/snapshot")
                        })
                }
            }
        } catch {
            try? Files.removeTree(folder)
            throw error
        }
        return folder
    }

    /// What a life of this member that ended amid a snapshot has left.
    static func removeBackups(in directory: String) throws {
        for name in try Files.list(directory) where name.utf8.starts(with: "backup-".utf8) {
            try Files.removeTree("\(directory)/\(name)")
        }
    }
}
