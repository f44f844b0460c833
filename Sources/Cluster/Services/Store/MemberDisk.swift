import Consensus
import Linux
import NIOCore
import Revisions
import StoreRules

// What a member writes, and when.
extension Member {
    func write(_ batch: WriteBatch) {
        var job = Disk.Job(writes: batch.writes)
        if batch.writes.contains(where: { $0.install != nil }) {
            job.installed = installed
            installed = nil
        }
        // Many rows waiting: they go along, rather than grow without bound under steady writes.
        if journal.count > 2000 { addJournal(to: &job) }
        perform(job, batch)
    }

    private func addJournal(to job: inout Disk.Job) {
        job.journal = journal
        job.applied = (appliedIndex, keyspace.revision)
        journal = []
    }

    private func perform(_ job: Disk.Job, _ batch: WriteBatch) {
        disk.perform(job) { error in
            self.loop.execute { self.assumeIsolated { $0.wrote(job, batch, error) } }
        }
    }

    private func wrote(_ job: Disk.Job, _ batch: WriteBatch, _ error: (any Error)?) {
        if let error {
            diskFailed(error)
            // All of it or nothing is on the disk: the same again, until there is room.
            loop.scheduleTask(in: .milliseconds(500)) {
                self.assumeIsolated { $0.perform(job, batch) }
            }
            return
        }
        isDiskFailing = false
        if !batch.writes.isEmpty { lastWrite = Clock.monotonicMilliseconds() }
        if let applied = job.applied { savedApplied = applied.index }
        for write in job.writes {
            logBytes += write.entries.reduce(0) { $0 + $1.payload.count }
            if let snapshot = write.install { savedApplied = max(savedApplied, snapshot.index) }
        }
        event { replica in
            if let compact = job.compact { replica.compact(to: compact.index) }
            try replica.wrote(batch)
        }
    }

    /// The keyspace's rows follow, and the log's beginning goes, while the disk has nothing else to do. Some hundred rows
    /// at a time: while they are written, the next client waits, and each transaction costs a page of SQLite's log.
    func tidy(now: Int) {
        guard !replica.isDiskBusy, !isFull else { return }
        var job = Disk.Job()
        let isIdle = now - lastWrite > 1000
        // The log can be cut only where the rows have followed.
        let isLogLong =
            appliedIndex - savedApplied > min(1000, settings.logEntriesMax)
            || logBytes > settings.logBytesMax
        if journal.count >= 256 || isIdle && !journal.isEmpty
            || isLogLong && savedApplied < appliedIndex
        {
            addJournal(to: &job)
        }
        if let cut = compaction() {
            job.compact = cut
            logBytes /= 2
        }
        guard job.applied != nil || job.compact != nil, replica.takeDisk() else { return }
        perform(job, WriteBatch())
    }

    /// Up to where the log is to be cut: half of what is applied. A member that is being brought a snapshot needs what
    /// follows it, unless that grows far beyond the bounds: then it needs another one.
    private func compaction() -> (index: Int, term: Int)? {
        let start = raft.log.shape.snapshotIndex
        let kept = savedApplied - start
        guard kept > settings.logEntriesMax || logBytes > settings.logBytesMax, kept > 1 else {
            return nil
        }
        let isFarTooLong = kept > 8 * settings.logEntriesMax || logBytes > 8 * settings.logBytesMax
        let index = min(start + kept / 2, isFarTooLong ? .max : replica.compactionFloor)
        guard index > start, let term = raft.log.term(at: index) else { return nil }
        return (index, term)
    }
}
