import Dock
import Linux

/// `lab doctor`: what this machine can run, what is missing, and what to do about it.
public struct Doctor {
    package let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    struct Finding {
        let name: String
        let isWell: Bool
        /// What was found; where it is not well, what to do.
        let text: String
        /// Without it the cluster does not run at all.
        var isNeeded = true
    }

    /// - Returns: whether the cluster can run here.
    public func run() throws -> Bool {
        if try RunningDock.find(layout) == nil {
            for left in try Leftovers(layout).remove() {
                terminal.say("left over from a dead dock, and still in use: \(left)")
            }
        }
        let findings =
            packages() + [kubectl(), namespaces(), cgroups(), bridges(), state(), dock()]
        for finding in findings {
            let mark =
                finding.isWell
                ? terminal.green("ok  ")
                : finding.isNeeded ? terminal.red("no  ") : "-   "
            terminal.say(mark + finding.name + ": " + finding.text)
        }
        return findings.allSatisfy { $0.isWell || !$0.isNeeded }
    }

    private func packages() -> [Finding] {
        let missing = Setup.packages.filter { !$0.isPresent() }.map(\.name)
        let peers = Setup.peers.filter { !$0.isPresent() }.map(\.name)
        return [
            Finding(
                name: "Debian packages", isWell: missing.isEmpty,
                text: missing.isEmpty
                    ? "all there" : "apt-get install \(missing.joined(separator: " "))"),
            Finding(
                name: "stock peers", isWell: peers.isEmpty,
                text: peers.isEmpty
                    ? "all there"
                    : "for tests and --store etcd: apt-get install \(peers.joined(separator: " "))",
                isNeeded: false),
        ]
    }

    /// By the rule by which `lab up` chooses.
    private func kubectl() -> Finding {
        let search = Setup(layout, terminal).kubectlSearch()
        let last = search.found ?? "`lab up` fetches one from PyPI"
        let none = search.found == nil && search.passedOver.isEmpty ? ["none on the PATH"] : []
        return Finding(
            name: "kubectl", isWell: search.found != nil,
            text: (search.passedOver + none + [last]).joined(separator: "; "), isNeeded: false)
    }

    private func namespaces() -> Finding {
        let flags =
            geteuid() == 0 ? ["--net", "--pid", "--fork"] : ["--user", "--net", "--pid", "--fork"]
        let works =
            (try? capture("unshare", ["unshare"] + flags + ["true"]))?.ending.succeeded ?? false
        return Finding(
            name: geteuid() == 0 ? "namespaces" : "namespaces, as an ordinary user", isWell: works,
            text: works ? "can be made" : "unshare fails: run as root, or allow user namespaces")
    }

    private func cgroups() -> Finding {
        let controllers = (try? CgroupTree.controllersAvailable()) ?? []
        let limits = controllers.contains("memory")
        return Finding(
            name: "cgroups", isWell: limits,
            text: limits
                ? "can be made: \(controllers.joined(separator: " "))"
                : "can't be made here, so there are no limits, no usage and no autoscaling: \(whyNoCgroups)",
            isNeeded: false)
    }

    private var whyNoCgroups: String {
        geteuid() == 0
            ? "no group from this process's own up is free of processes and may be written. In a container "
                + "with cgroup v2, move what is in /sys/fs/cgroup into a group below it first"
            : "this user may make none"
    }

    private func bridges() -> Finding {
        let isWell = BridgeFilter.isThere || geteuid() == 0
        return Finding(
            name: "rules for bridged packets", isWell: isWell,
            text: isWell
                ? BridgeFilter.isThere ? "there" : "loaded by `lab up`"
                : "ask root for: \(BridgeFilter.advice)", isNeeded: false)
    }

    private func state() -> Finding {
        try? Files.makeDirectories(layout.state)
        let kind = StatePlace.whyUnfit(layout.state)
        return Finding(
            name: "state directory", isWell: true,
            text: kind.map {
                "\(layout.state) is on \($0), which carries neither overlay nor SQLite's WAL: "
                    + "`lab up` will put the state on a local file system"
            } ?? layout.state)
    }

    private func dock() -> Finding {
        let running = (try? RunningDock.find(layout)) ?? nil
        return Finding(
            name: "cluster", isWell: true,
            text: running.map { "runs, process \($0.pid)" } ?? "not running")
    }
}
