import JSON
import Linux

/// Waits until all nodes of a cluster are Ready, or until it is known that they will not be.
struct Readiness {
    let wishes: Up.Wishes
    package let layout: Layout
    let terminal: Terminal
    package let kubectl: Kubectl

    /// There is no dock any more, so there is nothing to wait for.
    struct DockEnded: Error, CustomStringConvertible {
        let description: String
    }

    /// How long to wait for the nodes; `DRYDOCK_PATIENCE_SECONDS` is for machines that are emulated.
    private static var patienceSeconds: Int {
        environmentVariable("DRYDOCK_PATIENCE_SECONDS").flatMap { Int($0) } ?? 60
    }
    /// The labs whose parts a node can't get Ready without: the store's.
    private static let labsNeeded = ["06"]
    /// A part may fail once, and the component that asked it starts again; one that goes on failing never gets well.
    private static let partPatienceMilliseconds = 10_000

    /// - Throws: `PartComplaint` where a student's part keeps the nodes from getting Ready, `DockEnded`.
    package func wait(since began: Int) throws {
        let limit = Self.patienceSeconds * 1000
        var complaint = ""
        while true {
            var ready = 0
            do {
                let nodes = try kubectl.json("get", "nodes", "--request-timeout=5s")["items"]
                ready = nodes?.array?.count(where: isReady) ?? 0
            } catch {
                complaint = "The last word of the API server:\n  \(error)"
            }
            if ready >= wishes.nodes { return }
            let elapsed = Clock.monotonicMilliseconds() - began
            terminal.progress("waiting for the nodes: \(ready) of \(wishes.nodes) Ready")
            guard try RunningDock.find(layout) != nil else {
                throw DockEnded(
                    description: "the dock ended before the nodes were Ready: Labs/lab logs dock")
            }
            if elapsed > Self.partPatienceMilliseconds,
                let found = PartComplaint.find(
                    in: layout,
                    labs: Self.labsNeeded.filter((wishes.mine + wishes.piped).contains))
            {
                throw found
            }
            guard elapsed < limit else {
                throw LauncherError(
                    "only \(ready) of \(wishes.nodes) nodes got Ready in \(limit / 1000) s. Look at:\n"
                        + "  Labs/lab status\n  Labs/lab logs apiserver\n  Labs/lab logs kubelet-1\n\(complaint)"
                )
            }
            usleep(50_000)
        }
    }

    private func isReady(_ node: JSON) -> Bool {
        node.at("status", "conditions")?.array?.contains {
            $0["type"] == "Ready" && $0["status"] == "True"
        } ?? false
    }
}

/// What a component says about a student's part, in its log, since it was last started.
struct PartComplaint: Error, CustomStringConvertible {
    /// `raft-1`
    let component: String
    let lab: String
    /// `lab 06, your part: step 06.1 is not written yet`
    package let words: String

    var description: String { "\(component): \(words)" }

    /// The first component whose log's newest part has such words about one of these labs.
    static func find(in layout: Layout, labs: [String]) -> PartComplaint? {
        for log in ((try? Files.list(layout.logs)) ?? []).sorted() where log.hasSuffix(".log") {
            let text = (try? Files.readText("\(layout.logs)/\(log)")) ?? ""
            let lines = text.split(separator: "\n")
            for lab in labs {
                let mark = "lab \(lab), your part: "
                // A component that asks a part says so when it starts, by the part's path.
                guard let start = lines.lastIndex(where: { $0.contains(mark + "/") }),
                    let line = lines[start...].dropFirst().last(where: { $0.contains(mark) }),
                    let words = line.firstRange(of: mark)
                else { continue }
                return PartComplaint(
                    component: String(log.dropLast(4)), lab: lab,
                    words: String(line[words.lowerBound...]))
            }
        }
        return nil
    }
}
