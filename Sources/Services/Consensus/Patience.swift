import ContractRaft

/// How much longer than its settings say a member waits before it takes silence for death.
///
/// On a machine with more to do than processors, a living leader's heartbeats come late, and an election gains
/// nothing: the next leader waits for its turn just the same. So a member learns from what it sees: if somebody was
/// silent for 400 ms and yet alive, twice that has to pass before the next election. What was learned is kept for a
/// minute, then halved with each minute in which nothing like it is seen.
struct Patience: Sendable {
    /// To be added to the election timeout, in milliseconds.
    private(set) var extra = 0
    private var learnedAt = 0
    /// At most so much is ever learned; 0: nothing is.
    let extraMax: Int

    static let keptMilliseconds = 60_000

    init(extraMax: Int) { self.extraMax = extraMax }

    /// Somebody who lives was silent for so long.
    ///
    /// - Parameter timeout: the election timeout that a silence of half its length does not disturb.
    mutating func note(silence: Int, timeout: Int, now: Int) {
        // Longer silences are no scheduler's doing: a network that was cut, a computer asleep.
        guard extraMax > 0, silence < 2 * extraMax else { return }
        let wanted = min(2 * silence - timeout, extraMax)
        if wanted >= extra, wanted > 0 {
            (extra, learnedAt) = (wanted, now)
        } else if now - learnedAt > Self.keptMilliseconds {
            (extra, learnedAt) = (extra / 2, now)
        }
    }
}

extension RaftMember {
    /// This member no longer follows the leader that it had.
    mutating func noteGivenUp(for newLeader: MemberID?) {
        guard let leader, leader != newLeader, leader != id, let leaderHeardAt else { return }
        givenUp = (leader, leaderHeardAt)
    }

    /// A leader's message after a silence, be it that of a leader given up for dead: it lived all the time, since
    /// one that was started anew would send nothing as a leader without an election.
    mutating func learnPatience(from member: MemberID) {
        let lastHeard =
            givenUp?.leader == member ? givenUp?.heardAt : leader == member ? leaderHeardAt : nil
        if givenUp?.leader == member { givenUp = nil }
        if let lastHeard { learnPatience(silence: now - lastHeard) }
    }

    mutating func learnPatience(silence: Int) {
        patience.note(silence: silence, timeout: settings.electionTimeoutMin, now: now)
    }
}
