import Launcher
import Linux
import Tour

/// Tests that need a whole cluster. Each boots one of its own, in a state directory of its own.
struct ClusterTest {
    let layout: Layout
    let terminal: Terminal

    init(_ layout: Layout, _ terminal: Terminal) {
        self.layout = Layout(root: layout.root, state: "\(layout.state)/test")
        self.terminal = terminal
    }

    /// Boots, runs `body`, and always brings the cluster down again.
    func withCluster<Result>(_ wishes: Up.Wishes, _ body: () throws -> Result) throws
        -> Result
    {
        let down = Down(layout, terminal)
        try down.run(force: true, purge: true)
        do {
            try Up(wishes, layout, terminal).run()
            let result = try body()
            try down.run(force: false, purge: true)
            return result
        } catch {
            keepLogs()
            try? down.run(force: true, purge: true)
            throw error
        }
    }

    /// The logs of a cluster that failed a test outlive it.
    func keepLogs() {
        let kept = "\(layout.state)-failed-logs"
        try? Files.removeTree(kept)
        rename(layout.logs, kept)
        terminal.say("the components' logs are kept in \(kept)")
    }

    /// The whole tour.
    func demo() throws -> Outcome {
        var wishes = Up.Wishes()
        wishes.autoscalerPeriodSeconds = 2
        return try withCluster(wishes) {
            let tour = try Demo(layout, terminal).tour()
            if tour.failed > 0 { keepLogs() }
            return tour
        }
    }

    /// The cluster on Debian's etcd and runc: the tour's first three stops; then on an etcd of the host's.
    func stockPeers() throws -> Outcome {
        var outcome = try onEtcdAndRunc()
        outcome.attempt("a cluster on an etcd of the host's") { try onStoreOfTheHost() }
        return outcome
    }

    private func onEtcdAndRunc() throws -> Outcome {
        var wishes = Up.Wishes()
        wishes.store = .etcd
        wishes.runtime = which("runc")
        return try withCluster(wishes) {
            var tour = try Demo(layout, terminal).tour(stops: 3)
            if tour.failed > 0 { keepLogs() }
            tour.complaint = "the cluster on etcd and runc failed; see above"
            return tour
        }
    }
}
