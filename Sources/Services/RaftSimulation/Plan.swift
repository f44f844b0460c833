import Consensus
import ContractRaft
import Simulation

extension RaftCluster {
    /// What a run is like. Without trouble and clients it does what a script says and nothing else.
    public struct Plan: Sendable {
        public var members = 3
        /// Milliseconds of virtual time.
        public var duration = 10_000
        public var faults = NetworkFaults()
        /// Something bad happens about this often: a crash, a partition, a slow disk. 0: never.
        public var troubleEvery = 700
        public var diskDelay: ClosedRange<Int> = 1...5
        /// Disks that are not like the others.
        public var diskDelays: [MemberID: ClosedRange<Int>] = [:]
        /// A client reads or writes about this often. 0: never.
        public var clientEvery = 40
        /// Snapshots are made this often, by index. 0: never.
        public var snapshotEvery = 40
        /// Election timeouts of members that are not like the others: so a script says who stands first.
        public var timeouts: [MemberID: ClosedRange<Int>] = [:]
        public var appendEntriesMax = 1024
        /// What members have on their disks when the run begins.
        public var restored: [MemberID: OldLog] = [:]
        /// Members that are down when the run begins.
        public var down: Set<MemberID> = []
        /// Whether disks are emptied too.
        public var emptiesDisks = false
        /// The shell as it must not be: requests numbered from 1 in each life, and disks that nobody remembers.
        public var forgetsIncarnations = false
        public var admitsAnybody = false
        /// Whether the timeline tells of votes, commits and cuts too.
        public var isDetailed = false
        public init() {}

        /// Nothing happens but what a script says.
        public static var script: Plan {
            var plan = Plan()
            (plan.troubleEvery, plan.clientEvery, plan.snapshotEvery) = (0, 0, 0)
            (plan.faults.delay, plan.diskDelay) = (1...1, 1...1)
            (plan.isDetailed, plan.duration) = (true, .max)
            return plan
        }
    }

    /// A log from before the run: the term, and the entries' terms from index 1 on.
    public struct OldLog: Sendable {
        public var term: Int
        public var votedFor: MemberID?
        public var entryTerms: [Int]

        public init(term: Int, votedFor: MemberID? = nil, entryTerms: [Int]) {
            (self.term, self.votedFor, self.entryTerms) = (term, votedFor, entryTerms)
        }

        var records: [SimulatedMember.Record] {
            let entries = entryTerms.enumerated().map { place, term in
                Entry(index: place + 1, term: term, payload: [])
            }
            return [.hardState(HardState(term: term, votedFor: votedFor))]
                + entries.map(SimulatedMember.Record.entry)
        }
    }

    func settings(of id: MemberID) -> RaftMember.Settings {
        var settings = RaftMember.Settings()
        settings.appendEntriesMax = plan.appendEntriesMax
        if let timeouts = plan.timeouts[id] {
            settings.electionTimeoutMin = timeouts.lowerBound
            settings.electionTimeoutMax = timeouts.upperBound
        }
        return settings
    }
}
