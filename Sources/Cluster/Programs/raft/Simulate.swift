import ArgumentParser
import RaftSimulation
import SolutionRaft

/// Whole clusters in virtual time: what the rules keep under trouble, and how fast that is found out.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run seeded simulations of a cluster under loss, crashes and partitions.",
        discussion: "Example: raft simulate --seeds 500 --members 3")

    @Option(help: "How many seeds, 1 and up.") var seeds = 500
    @Option(help: "How many members each cluster has.") var members = 3
    @Option(help: "Virtual seconds of each.") var seconds = 10

    func validate() throws {
        guard seeds > 0, members > 0, seconds > 0 else {
            throw ValidationError("--seeds, --members and --seconds are at least 1")
        }
    }

    func run() throws {
        var plan = RaftCluster.Plan()
        (plan.members, plan.duration) = (members, seconds * 1000)
        plan.faults.lossPercent = 5
        plan.faults.duplicationPercent = 5
        plan.faults.stragglePercent = 5
        let began = ContinuousClock.now
        var (terms, committed) = (0, 0)
        for seed in 1...UInt64(seeds) {
            var cluster = try RaftCluster(seed: seed, plan: plan, rules: Raft())
            do { try cluster.run() } catch {
                print("seed \(seed): \(error)\n\(cluster.timeline)")
                throw ExitCode(1)
            }
            terms += cluster.summary.terms
            committed += cluster.summary.committed
        }
        let took = (ContinuousClock.now - began) / .seconds(1)
        let virtual = seeds * seconds
        print("\(seeds) seeds kept every promise: \(terms) leaders, \(committed) entries committed")
        print(
            "\(Int(Double(virtual) / took)) cluster-seconds a second: "
                + "\(virtual) in \(Int(took * 1000)) ms")
    }
}
