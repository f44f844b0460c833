import ContractRaft

/// The open step: what you would ask of anybody's Raft rules.
public struct RaftTests: OpenTests {
    public init() {}

    public func subject(asking asker: any KernelAsker) -> any RaftContract {
        RemoteRaft(asking: asker)
    }

    // One test a rule at least, each with a claim in words. They have to pass on every right part, however it is
    // written, and fail on wrong ones.
    public func test(_ part: any RaftContract) throws {
        // step 06.12 begin
        try testTimers(part)
        try testOffices(part)
        try testVotes(part)
        try testEntries(part)
        try testBackUp(part)
        try testCommit(part)
        try testSafekeeping(part)
        // step 06.12 end
    }

    // Room for what the tests above call.
    // step 06.12 begin
    private let log = LogShape(
        runs: [TermRun(firstIndex: 1, term: 1), TermRun(firstIndex: 3, term: 2)], lastIndex: 5)

    private func testTimers(_ part: any RaftContract) throws {
        func timeout(_ roll: Int) throws -> Int {
            try part.electionTimeout(.init(minMilliseconds: 100, maxMilliseconds: 200, roll: roll))
        }
        let rolls = [0, 101_010, 350_003, 620_720, 999_999]
        let seen = try rolls.map(timeout)
        try expect(try Set(seen).count > 1 && rolls.map(timeout) == seen, "the roll decides")
        try expect(seen.allSatisfy { (100...200).contains($0) }, "timeouts keep to the bounds")
        let refused = TimerQuestion(kind: .voteRequest, isStale: false, granted: false)
        try expect(try !part.restartsTimer(refused), "a refused vote puts nothing off")
    }

    private func testOffices(_ part: any RaftContract) throws {
        let seen = try part.judgeTerm(
            .init(kind: .voteRequest, messageTerm: 9, currentTerm: 5, leaderIsAlive: true))
        try expect(seen == .ignore, "nobody deposes a living leader")
        let heard = StepDownQuestion(silenceMilliseconds: [9, 99], electionTimeoutMilliseconds: 20)
        try expect(try !part.shouldStepDown(heard), "two of three are a majority")
    }

    private func testVotes(_ part: any RaftContract) throws {
        for (term, voted) in [(4, 3), (3, nil)] {
            let second = VoteQuestion(
                candidate: 2, electionTerm: term, isPreVote: false, currentTerm: 4, votedFor: voted)
            try expect(try !part.shouldGrantVote(second), "one vote a term, none in an old one")
        }
        for kind in [MessageKind.voteReply, .append, .snapshot] {
            try expect(try part.mustSavePromise(.init(kind: kind)), "\(kind) is saved first")
        }
        func isUpToDate(_ index: Int, _ term: Int) throws -> Bool {
            try part.isUpToDate(
                .init(
                    candidateLastIndex: index, candidateLastTerm: term, lastIndex: 5, lastTerm: 2))
        }
        try expect(try isUpToDate(5, 2), "equal logs will do")
        try expect(try !isUpToDate(9, 1), "length does not make up for an older term")
        try expect(try isUpToDate(3, 3), "a later term wins")
    }

    private func testEntries(_ part: any RaftContract) throws {
        func append(_ previous: (index: Int, term: Int), _ terms: [Int]) throws -> AppendVerdict {
            try part.judgeAppend(
                .init(
                    log: log, previousIndex: previous.index, previousTerm: previous.term,
                    terms: terms, leaderCommit: 9, commitIndex: 0))
        }
        let old = try append((2, 1), [2])
        let isWhole = old.fits && old.truncateFrom == nil && old.commitIndex == 3
        try expect(isWhole, "an old message cuts nothing, and vouches for itself only")
        try expect(try !append((5, 3), [3]).fits, "another term before the entries does not fit")
    }

    private func testBackUp(_ part: any RaftContract) throws {
        let hint = try part.conflictHint(.init(log: log, previousIndex: 2))
        try expect(hint == ConflictHint(term: 1, index: 1), "the hint is about the entry asked for")
        for match in [0, 3] {
            let hint = ConflictHint(term: nil, index: 2)
            let next = try part.nextIndexAfterRefusal(
                .init(log: log, previousIndex: 5, hint: hint, matchIndex: match))
            try expect(next > match && next <= max(2, match + 1), "skips what is lacking, no more")
        }
    }

    private func testCommit(_ part: any RaftContract) throws {
        func commit(_ match: [Int], term: Int) throws -> Int {
            try part.commitIndex(
                .init(log: log, currentTerm: term, commitIndex: 0, matchIndices: match))
        }
        try expect(try commit([5, 4, 4], term: 3) == 0, "an earlier term is not counted")
        try expect(try commit([5, 5, 1, 1], term: 2) == 0, "half is no majority")
    }

    private func testSafekeeping(_ part: any RaftContract) throws {
        let new = try part.judgeReply(.init(previousIndex: 2, entryCount: 2, savedIndex: 2))
        try expect(new.waitsForDisk || new.matchIndex <= 2, "no claim before the disk")
        let beat = try part.judgeReply(.init(previousIndex: 4, entryCount: 0, savedIndex: 2))
        try expect(!beat.waitsForDisk, "heartbeats are answered at once")
        func snapshot(_ index: Int, _ commit: Int) throws -> SnapshotVerdict {
            try part.judgeSnapshot(
                .init(log: log, commitIndex: commit, snapshotIndex: index, snapshotTerm: 2))
        }
        let both = try [snapshot(3, 1), snapshot(3, 4)]
        try expect(both == [.keepLaterEntries, .ignore], "later entries stay")
        func read(_ commitTerm: Int, _ answered: [Int]) throws -> Bool {
            try part.mayServeRead(
                .init(currentTerm: 2, commitTerm: commitTerm, round: 5, answeredRounds: answered))
        }
        try expect(try !read(2, [5, 4, 4]) && !read(1, [5, 5, 5]), "no read too early")
    }
    // step 06.12 end
}
