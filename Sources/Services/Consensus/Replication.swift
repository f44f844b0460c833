import ContractRaft

extension RaftMember {
    /// New commands, in order.
    ///
    /// - Returns: whether they are on their way: appended by a leader, or forwarded to it. Neither says that they
    ///   will be committed.
    public mutating func propose(_ payloads: [[UInt8]], now: Int) throws -> Bool {
        self.now = now
        if role == .leader {
            let bytes = payloads.reduce(0) { $0 + $1.count }
            // One alone always goes, however large.
            if uncommittedBytes > 0, uncommittedBytes + bytes > settings.uncommittedBytesMax {
                return false
            }
            uncommittedBytes += bytes
            append(payloads)
            return true
        }
        guard let leader else { return false }
        send(.forward(payloads), to: leader)
        return true
    }

    mutating func append(_ payloads: [[UInt8]]) {
        var entries: [Entry] = []
        for payload in payloads {
            let index = log.lastIndex + 1 + entries.count
            entries.append(Entry(index: index, term: term, payload: payload))
        }
        log.append(entries)
        onDisk { $0.entries += entries }
    }

    // MARK: Leader

    /// A heartbeat to everybody: it keeps the office and confirms reads.
    mutating func beginRound() throws {
        round += 1
        roundWanted = false
        heartbeatDue = now + settings.heartbeatInterval
        for member in others { sendAppend([], to: member) }
        // A cluster of one has its majority at once.
        try serveReads()
    }

    /// New entries to whoever can take them.
    mutating func sendEntries() throws {
        if roundWanted { try beginRound() }
        for member in others {
            while let follower = progress[member], follower.mayHaveEntries,
                follower.nextIndex <= log.lastIndex
            {
                guard log.term(at: follower.nextIndex - 1) != nil else {
                    wantSnapshot(for: member)
                    break
                }
                let entries = log.slice(
                    from: follower.nextIndex, countMax: settings.appendEntriesMax,
                    bytesMax: settings.appendBytesMax)
                sendAppend(entries, to: member)
            }
            // Followers' clients wait for the news that an entry is committed, so it goes out at once.
            if let follower = progress[member], follower.isReplicating,
                follower.toldCommitIndex < commitIndex
            {
                sendAppend([], to: member)
            }
        }
    }

    private mutating func sendAppend(_ entries: [Entry], to member: MemberID) {
        guard var follower = progress[member] else { return }
        var previous = follower.nextIndex - 1
        var previousTerm = log.term(at: previous)
        if previousTerm == nil || previous == 0 {
            // Nothing is known to agree: a heartbeat that claims nothing.
            previous = 0
            previousTerm = 0
        }
        let append = Append(
            previousIndex: previous, previousTerm: previousTerm ?? 0, entries: entries,
            commitIndex: commitIndex, round: round)
        send(.append(append), to: member)
        follower.toldCommitIndex = commitIndex
        follower.sent(entries)
        progress[member] = follower
    }

    /// Not for one that isn't heard: it may be away for days, and every snapshot costs a copy of the state.
    private mutating func wantSnapshot(for member: MemberID) {
        guard let heardAt = progress[member]?.heardAt,
            now - heardAt <= settings.electionTimeoutMax + patience.extra
        else { return }
        progress[member]?.beginSnapshot(of: log.shape.snapshotIndex)
        output.snapshotsWanted.append(member)
    }

    /// The driver has the state after `index`, at or after the log's beginning, and brings it to a member that
    /// was among `snapshotsWanted`. When it is there the member itself says so.
    public mutating func beganSnapshot(of index: Int, to member: MemberID) {
        guard role == .leader else { return }
        progress[member]?.beginSnapshot(of: index)
    }

    /// Whether this leader waits for a member to have got a snapshot.
    public func awaitsSnapshot(_ member: MemberID) -> Bool {
        if case .snapshot? = progress[member]?.mode { return true }
        return false
    }

    /// The driver gave up bringing a snapshot to a member. Once that answers again, another is wanted.
    public mutating func failedSnapshot(to member: MemberID) {
        guard role == .leader, let match = progress[member]?.matchIndex else { return }
        progress[member]?.probe(from: match + 1, isWaiting: true)
    }

    mutating func note(_ reply: AppendReply, from member: MemberID) throws {
        guard role == .leader, var follower = progress[member] else { return }
        if reply.round > follower.answeredRound {
            follower.answeredRound = reply.round
            follower.answeredHeartbeat(
                isNextKnown: log.term(at: follower.nextIndex - 1) != nil)
        }
        if let refused = reply.refusedIndex {
            if follower.takesRefusal(of: refused) {
                let question = BackUpQuestion(
                    log: log.shape, previousIndex: refused, hint: reply.hint,
                    matchIndex: follower.matchIndex)
                let next = try rules.nextIndexAfterRefusal(question)
                follower.probe(from: max(1, min(next, log.lastIndex + 1)))
            }
        } else {
            follower.accepted(through: reply.matchIndex)
        }
        progress[member] = follower
        try advanceCommit()
        try serveReads()
    }

    mutating func advanceCommit() throws {
        let matches = members.map { $0 == id ? disk.savedIndex : progress[$0]?.matchIndex ?? 0 }
        let question = CommitQuestion(
            log: log.shape, currentTerm: term, commitIndex: commitIndex, matchIndices: matches)
        let index = min(try rules.commitIndex(question), log.lastIndex)
        guard index > commitIndex else { return }
        for place in commitIndex + 1...index { uncommittedBytes -= log[place].payload.count }
        uncommittedBytes = max(0, uncommittedBytes)
        commitIndex = index
        try serveReads()
    }

    // MARK: Follower

    mutating func accept(_ append: Append, from member: MemberID) throws {
        try follow(member)
        try noteHeard(.append)
        let question = AppendQuestion(
            log: log.shape, previousIndex: append.previousIndex, previousTerm: append.previousTerm,
            terms: append.entries.map(\.term), leaderCommit: append.commitIndex,
            commitIndex: commitIndex)
        let verdict = try rules.judgeAppend(question)
        if !verdict.fits {
            let hint = try rules.conflictHint(
                HintQuestion(log: log.shape, previousIndex: append.previousIndex))
            let reply = AppendReply(
                matchIndex: 0, round: append.round, refusedIndex: append.previousIndex, hint: hint)
            return send(.appendReply(reply), to: member)
        }
        if let cut = verdict.truncateFrom { try truncate(from: cut) }
        let fresh = append.entries.dropFirst(max(0, verdict.alreadyThere))
        if !fresh.isEmpty, fresh.first?.index == log.lastIndex + 1 {
            log.append(fresh)
            onDisk { $0.entries += fresh }
        }
        commitIndex = max(commitIndex, min(verdict.commitIndex, log.lastIndex))
        let claim = try rules.judgeReply(
            ReplyQuestion(
                previousIndex: append.previousIndex, entryCount: append.entries.count,
                savedIndex: disk.savedIndex))
        let reply = AppendReply(matchIndex: claim.matchIndex, round: append.round)
        send(.appendReply(reply), to: member, waitsForDisk: claim.waitsForDisk)
    }

    private mutating func truncate(from index: Int) throws {
        guard index <= log.lastIndex else { return }
        guard index > handedOut else { throw RaftFault.cutsCommitted(index: index) }
        log.truncate(from: index)
        disk.savedIndex = min(disk.savedIndex, index - 1)
        // What was under way behind the cut must not count as saved when it arrives.
        for place in disk.underWay.indices {
            disk.underWay[place].lastIndex = min(disk.underWay[place].lastIndex, index - 1)
        }
        onDisk {
            $0.entries.removeAll { $0.index >= index }
            $0.truncateFrom = min($0.truncateFrom ?? index, index)
        }
    }

    mutating func accept(_ snapshot: Snapshot, round: Int, from member: MemberID) throws {
        try follow(member)
        try noteHeard(.snapshot)
        let question = SnapshotQuestion(
            log: log.shape, commitIndex: commitIndex, snapshotIndex: snapshot.index,
            snapshotTerm: snapshot.term)
        let verdict = try rules.judgeSnapshot(question)
        if verdict != .ignore {
            install(snapshot, keepingLaterEntries: verdict == .keepLaterEntries)
        }
        let match = verdict == .ignore ? min(commitIndex, disk.savedIndex) : snapshot.index
        send(
            .appendReply(AppendReply(matchIndex: match, round: round)), to: member,
            waitsForDisk: verdict != .ignore)
    }

    private mutating func install(_ snapshot: Snapshot, keepingLaterEntries: Bool) {
        let agreed = commitIndex
        if keepingLaterEntries {
            log.compact(to: snapshot.index)
        } else {
            log = EntryLog(snapshotIndex: snapshot.index, snapshotTerm: snapshot.term)
            // Until the snapshot is written, the disk has of the present log what was committed before.
            disk.savedIndex = min(disk.savedIndex, agreed)
            disk.underWay = disk.underWay.map { ($0.ticket, min($0.lastIndex, agreed)) }
        }
        commitIndex = snapshot.index
        handedOut = snapshot.index
        output.committed = []
        output.install = snapshot
        onDisk {
            $0.install = snapshot
            $0.keepsLaterEntries = keepingLaterEntries
            $0.entries.removeAll { $0.index <= snapshot.index || !keepingLaterEntries }
            if !keepingLaterEntries { $0.truncateFrom = nil }
        }
    }

    private mutating func follow(_ member: MemberID) throws {
        learnPatience(from: member)
        if role != .follower || leader != member { try becomeFollower(term: term, leader: member) }
        leaderHeardAt = now
    }

    /// The state machine's state after `index` is on the disk: the log may forget what is before.
    public mutating func compact(to index: Int) {
        log.compact(to: min(index, handedOut))
    }
}
