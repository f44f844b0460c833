import ContractRaft
import Linux
import NIOCore
import StoreRules

// Who this member lets in, and whether it is let in itself.
extension Member {
    /// A peer has said who it is and which disk it has.
    ///
    /// - Parameter answer: called with whether it is the member that it says it is, once that is remembered on the disk.
    func judge(_ peer: MemberID, disk number: Int, _ answer: @escaping @Sendable (Bool) -> Void) {
        switch roster.judge(peer, disk: number) {
        case .known: answer(true)
        case .impostor:
            log.error(
                "a peer with another disk than it had is refused", metadata: ["member": "\(peer)"])
            answer(false)
        case .new:
            roster.remember(peer, disk: number)
            disk.perform(Disk.Job(knownDisks: [peer: number])) { error in
                // Not remembered, it is not answered, and comes again.
                self.loop.execute { if error == nil { answer(true) } }
            }
        }
    }

    func welcomed(by peer: MemberID) {
        admission?.welcomed(by: peer)
    }

    func refused(by peer: MemberID) {
        failures.continuation.finish(
            throwing: StartError.emptiedDisk(settings.directory, member: settings.id, knownBy: peer)
        )
    }

    /// Whether enough others have let this member in with its new disk. Until then it says nothing in Raft's name.
    func lookForAdmission(_ now: Int) {
        flushSoon()
        guard let admission, admission.isAdmitted(now: now), !isAskingDisk else { return }
        isAskingDisk = true
        disk.perform(Disk.Job(isAdmitted: true)) { error in
            self.loop.execute { self.assumeIsolated { $0.noteAdmission(error) } }
        }
    }

    private func noteAdmission(_ error: (any Error)?) {
        isAskingDisk = false
        if let error { return log.error("\(error)") }
        admission = nil
        log.notice("let in with a new disk")
    }
}
