import Launcher
import Linux

/// One line of the page of figures.
struct Figure {
    /// Begins with the word by which `lab bench` knows it.
    let name: String
    let goal: String
    let measured: String
    /// What a stock program took in the same run.
    var peer = ""
    var ratio = ""

    var command: String { "Labs/lab bench \(name.prefix { $0 != ":" })" }

    var spoken: String {
        let beside = peer.isEmpty ? "" : " | beside: \(peer)"
        let compared = ratio.isEmpty ? "" : " | \(ratio)"
        return "\(name) | goal: \(goal) | \(measured)\(beside)\(compared)"
    }
}

/// Two decimals.
func rounded(_ ratio: Double) -> String { "\(Double(Int(ratio * 100 + 0.5)) / 100)" }

extension Array where Element: Comparable {
    /// The middle one; the array must not be empty.
    var median: Element { sorted()[count / 2] }
}

/// What figures depend on: the machine, and what else it was doing.
struct Surroundings {
    let kernel: String
    let processors: Int
    let memoryGigabytes: Int
    /// Runnable processes over the last minute, the bench's own among them.
    let load: String

    static func read() throws -> Surroundings {
        let memory = try Files.readText("/proc/meminfo").split(separator: "\n").first ?? ""
        let kilobytes = memory.split(separator: " ").compactMap { Int($0) }.first ?? 0
        let kernel = try Files.readText("/proc/sys/kernel/osrelease").split(separator: "\n")
        return Surroundings(
            kernel: String((kernel.first ?? "").prefix { $0.isNumber || $0 == "." }),
            processors: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            memoryGigabytes: kilobytes / 1_000_000,
            load: try Files.readText("/proc/loadavg").split(separator: " ").first.map(String.init)
                ?? "")
    }
}

enum FiguresPage {
    /// `Docs/Figures.md`, which `lab bench` writes and nobody edits.
    /// - Parameter old: the page as it is; what others measured stands below a heading of its own, and stays.
    static func text(
        _ figures: [Figure], _ before: Surroundings, _ after: Surroundings, old: String
    ) -> String {
        let isLoaded = (Double(before.load) ?? 0) > 0.5 * Double(before.processors)
        var lines = [
            "# Figures", "",
            "Written by `Labs/lab bench`; each line alone by its command. Peers run in the same run, turn by turn: "
                + "machines differ and drift, ratios hold.", "",
            "Measured on \(before.processors) processors, \(before.memoryGigabytes) GB, Linux \(before.kernel), "
                + (isLoaded
                    ? "**a machine that was busy with other work**: absolute times are too long"
                    : "a quiet machine")
                + " (load \(before.load) before, \(after.load) after).", "",
            "| figure | goal | measured | peer | ratio | command |", "|---|---|---|---|---|---|",
        ]
        lines += figures.map {
            "| \($0.name) | \($0.goal) | \($0.measured) | \($0.peer) | \($0.ratio) | `\($0.command)` |"
        }
        let others = old.firstRange(of: "\n## ").map { old[$0.lowerBound...] } ?? ""
        return lines.joined(separator: "\n") + "\n" + others
    }
}
