import Consensus
import ContractRaft
import Grading
import RaftSimulation

/// A run of a whole cluster by script, for one step.
struct Scenario {
    /// The rules that are asked of the part; the others are the kit's.
    let asks: Set<Rule>
    /// What has to hold, and the idea to go back to where it does not.
    let claim: String
    let idea: String
    var plan = RaftCluster.Plan.script
    /// Leaders never resign, as in the paper.
    var isStubborn = false

    /// Plays it. `script` says what happens, and asks with `Stage.require` for what must be seen.
    func play(_ bench: Bench, seed: Int = 1, _ script: (inout Stage) throws -> Void) throws {
        let rules = MixedRules(asks, of: RemoteRaft(asking: bench.part), isStubborn: isStubborn)
        var stage = Stage(
            cluster: try RaftCluster(seed: UInt64(seed), plan: plan, rules: rules),
            claim: claim, idea: idea)
        defer { bench.show(stage.cluster.timeline) }
        do {
            try script(&stage)
            try stage.cluster.finish()
        } catch let violation as Violation {
            throw stage.failed(seen: violation.description)
        } catch let fault as RaftFault {
            throw stage.failed(seen: "at \(stage.cluster.now) ms: \(fault)")
        }
    }
}

/// A scenario while it runs.
struct Stage {
    var cluster: RaftCluster
    let claim: String
    let idea: String

    func failed(expected: String? = nil, seen: String) -> Failed {
        Failed(claim, expected: expected, seen: seen, idea: idea, timeline: cluster.timeline)
    }

    func require(_ holds: Bool, _ expected: String, seen: @autoclosure () -> String) throws {
        if !holds { throw failed(expected: expected, seen: seen()) }
    }

    /// Waits until a member leads.
    mutating func waitForLeader(_ id: MemberID, atMost milliseconds: Int = 2000) throws {
        let leads = try cluster.run(atMost: milliseconds) {
            $0.leader == id && $0.member(id)?.isLeader == true
        }
        try require(
            leads, "S\(id) leads within \(milliseconds) ms",
            seen: cluster.leader.map { "S\($0) leads" } ?? "nobody leads")
    }

    /// Waits until some member leads, and says which.
    mutating func waitForAnyLeader(atMost milliseconds: Int = 2000) throws -> MemberID {
        _ = try cluster.run(atMost: milliseconds) { $0.leader != nil }
        guard let leader = cluster.leader else {
            throw failed(
                expected: "a leader within \(milliseconds) ms",
                seen: "nobody leads at \(cluster.now) ms")
        }
        return leader
    }

    /// Waits until another member leads than the one that did.
    mutating func waitForSuccessor(of former: MemberID) throws -> MemberID {
        _ = try cluster.run(atMost: 2000) { $0.leader.map { $0 != former } ?? false }
        guard let leader = cluster.leader, leader != former else {
            throw failed(
                expected: "a leader after S\(former)", seen: "nobody leads at \(cluster.now) ms")
        }
        return leader
    }

    func term(of id: MemberID) -> Int { cluster.member(id)?.term ?? 0 }

    /// What a member did in a few words.
    func look(at id: MemberID) -> String {
        guard let member = cluster.member(id) else { return "S\(id) is down" }
        return
            "S\(id) is \(member.role.rawValue) in term \(member.term), log "
            + "\(cluster.logTerms(of: id)), "
            + "committed \(member.commitIndex)"
    }
}

/// Asks the part itself, for tables of single decisions.
func rules(_ bench: Bench) -> RemoteRaft { RemoteRaft(asking: bench.part) }

extension LogShape {
    /// A log with the terms 1 1 2 at the indices 1 to 3.
    init(_ terms: [Int], snapshotIndex: Int = 0, snapshotTerm: Int = 0) {
        var runs: [TermRun] = []
        for (place, term) in terms.enumerated() where runs.last?.term != term {
            runs.append(TermRun(firstIndex: snapshotIndex + 1 + place, term: term))
        }
        self.init(
            snapshotIndex: snapshotIndex, snapshotTerm: snapshotTerm, runs: runs,
            lastIndex: snapshotIndex + terms.count)
    }
}

/// A step's tables of single decisions, then its scenes with a whole cluster. Where a table fails, the scenes show what
/// comes of it: the first that fails too lends its timeline.
func judging(
    _ tables: [@Sendable (Bench) throws -> Void], _ scenes: [@Sendable (Bench) throws -> Void]
) -> @Sendable (Bench) throws -> Void {
    { bench in
        do { for table in tables { try table(bench) } } catch var failed as Failed {
            for scene in scenes {
                do { try scene(bench) } catch let shown as Failed {
                    failed.timeline = shown.timeline
                    failed.idea += " What comes of it in a cluster: \(shown.seen ?? shown.claim)."
                    break
                } catch { continue }
            }
            throw failed
        }
        for scene in scenes { try scene(bench) }
    }
}
