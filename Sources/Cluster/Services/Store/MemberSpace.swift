import Foundation
import GRDB
import Linux

// A full disk refuses writes and serves reads.
extension Member {
    func everySecond(_ now: Int) {
        guard now >= nextSpaceCheck else { return }
        nextSpaceCheck = now + 1000
        let free = freeBytes()
        if free < settings.freeBytesMin { becomeFull("\(free) bytes free") }
        if free >= settings.freeBytesMin * 2, isFull, !isDiskFailing {
            isFull = false
            log.notice("room on the disk again: writes are taken")
        }
        if now >= nextProgress {
            nextProgress = now + settings.watchProgressMilliseconds
            watches.tellProgress(keyspace, header: header())
        }
    }

    /// Bytes that are left where the member keeps its file; very many where that can't be asked.
    private func freeBytes() -> Int {
        var info = statvfs()
        guard statvfs(settings.directory, &info) == 0 else { return Int.max }
        return Int(info.f_bavail) * Int(info.f_frsize)
    }

    private func becomeFull(_ why: String) {
        guard !isFull else { return }
        isFull = true
        log.error(
            "no room on the disk: writes are refused, reads served", metadata: ["why": "\(why)"])
    }

    /// A write did not reach the disk. It is tried again; clients hear of it at once.
    func diskFailed(_ error: any Error) {
        isDiskFailing = true
        if (error as? DatabaseError)?.resultCode == .SQLITE_FULL {
            becomeFull("\(error)")
        } else {
            log.error("the disk failed, will try again: \(error)")
        }
        // What they asked for is proposed: a majority may write it without this member.
        let answer = StoreError.uncertain(
            isFull ? "no room on the disk" : "the disk failed: \(error)")
        for writer in replica.takeWriters() { writer.resume(throwing: answer) }
    }
}
