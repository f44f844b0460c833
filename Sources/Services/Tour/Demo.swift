import JSON
import Launcher
import Linux

/// `lab demo`: a tour that shows what the cluster can do and checks every claim that it makes.
public struct Demo {
    package let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    /// One stop of the tour: what is claimed, and what proves it.
    struct Stop: Sendable {
        let claim: String
        /// - Returns: what was seen, in a few words.
        let proof: @Sendable (Stage) throws -> String
    }

    static let stops = [
        Stop(claim: "Three replicas of a web server run, behind one Service", proof: deploy),
        Stop(
            claim: "The Service's address answers from all three in about equal shares",
            proof: share),
        Stop(claim: "A deleted pod comes back", proof: heal),
        Stop(claim: "v1 rolls to v2 under load, and no request fails", proof: roll),
        Stop(claim: "A v3 that never gets ready stalls and harms nobody; undo", proof: stall),
        Stop(claim: "Load drives the autoscaler from 2 to 5 and back", proof: autoscale),
        Stop(claim: "SIGKILL of the store's leader amid writes loses none", proof: killLeader),
        Stop(claim: "Down, up, and everything is still there", proof: restart),
    ]

    /// How long the whole tour may take on a machine with nothing else to do. `DRYDOCK_PATIENCE_SECONDS`, for those
    /// that are emulated or busy, lifts it.
    private static let secondsMax = 180

    /// - Returns: whether everything held, in time.
    public func run() throws -> Bool {
        let began = Clock.monotonicMilliseconds()
        let tour = try tour()
        let took = (Clock.monotonicMilliseconds() - began) / 1000
        let isLate = took >= Self.secondsMax
        terminal.say(
            isLate
                ? terminal.red("That is more than the three minutes that it may take.")
                : "That is under three minutes.")
        return tour.failed == 0
            && (!isLate || environmentVariable("DRYDOCK_PATIENCE_SECONDS") != nil)
    }

    /// - Parameter stops: how many of the stops, from the first.
    package func tour(stops: Int = Demo.stops.count) throws -> Outcome {
        let stage = try Stage(layout, terminal)
        let began = Clock.monotonicMilliseconds()
        var outcome = Outcome(complaint: "the tour did not hold; see above")
        for (number, stop) in Self.stops.prefix(stops).enumerated() {
            terminal.say("\(terminal.bold("\(number + 1). \(stop.claim)"))")
            if let reason = stage.reasonToSkip(stop.claim) {
                outcome.skipped.append(Skipped(name: stop.claim, reason: reason))
                terminal.say("   skipped: \(reason)")
                continue
            }
            let start = Clock.monotonicMilliseconds()
            do {
                let seen = try stop.proof(stage)
                outcome.passed += 1
                terminal.say("   \(terminal.green("held")) in \(seconds(since: start)): \(seen)")
            } catch {
                outcome.failed += 1
                terminal.say("   \(terminal.red("did not hold")): \(error)")
            }
        }
        stage.cleanUp()
        terminal.say("")
        terminal.say(
            "\(outcome.passed) held, \(outcome.failed) did not, \(outcome.skipped.count) skipped, "
                + "in \(seconds(since: began)).")
        return outcome
    }

    private func seconds(since start: Int) -> String {
        let elapsed = Clock.monotonicMilliseconds() - start
        return "\(elapsed / 1000).\(elapsed % 1000 / 100) s"
    }
}
