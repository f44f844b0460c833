import Consensus
import Dispatch
import Linux
import NIOCore
import Revisions
import StoreRules

extension KeyspaceArchive: @retroactive SnapshotPieces {}

// Snapshots of the keyspace. Making one and reading one takes seconds where it is large, so both are done on another
// thread, on a copy that costs nothing until one of the two changes.
extension Member {
    func makeSnapshot(_ name: SnapshotName) {
        log.notice("snapshot begun", metadata: ["index": "\(name.index)"])
        let keyspace = keyspace
        DispatchQueue.global().async {
            let archive = KeyspaceArchive(keyspace)
            self.loop.execute {
                self.assumeIsolated { member in
                    member.event {
                        $0.madeSnapshot(name, archive, now: Clock.monotonicMilliseconds())
                    }
                }
            }
        }
    }

    func readSnapshot(_ name: SnapshotName, _ pieces: [[UInt8]]) {
        DispatchQueue.global().async {
            let read = Result { try Keyspace(archived: pieces) }
            self.loop.execute { self.assumeIsolated { $0.didRead(name, read) } }
        }
    }

    private func didRead(_ name: SnapshotName, _ read: Result<Keyspace, any Error>) {
        var data: [UInt8]?
        switch read {
        case .success(let keyspace): (arrived, data) = ((name, keyspace), [])
        case .failure(let error):
            // Its sender wrote it this way, or it was damaged on its way: it is asked for again.
            log.critical("a snapshot that can't be read: \(error)")
        }
        event { try $0.readSnapshot(name, data: data, now: Clock.monotonicMilliseconds()) }
    }

    func install(_ snapshot: Snapshot) {
        guard let arrived, arrived.name.index == snapshot.index else {
            return log.critical(
                "a snapshot to install that nobody read", metadata: ["index": "\(snapshot.index)"])
        }
        (keyspace, installed, self.arrived) = (arrived.keyspace, arrived.keyspace, nil)
        appliedIndex = snapshot.index
        journal = []
        watches.tell(keyspace, header: header())
        if raft.isLeader { leases.restart(keyspace.leases, now: Clock.monotonicMilliseconds()) }
        log.notice("snapshot installed", metadata: ["index": "\(snapshot.index)"])
    }
}
