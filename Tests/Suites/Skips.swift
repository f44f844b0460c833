import Launcher
import Linux
import Tour

extension Skipped {
    /// Reads a line of Swift Testing: `➜ Test "skopeo reads the layout" skipped: "needs skopeo"`, or without a reason
    /// `➜ Test plain() skipped.` A suite that is skipped says so too, beside each of its tests.
    init?(swiftTestingSaid line: String) {
        let halves = line.split(separator: " Test ", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, halves[0].count <= 1 else { return nil }
        let quotes: Set<Character> = ["\"", "`"]
        if halves[1].hasSuffix(" skipped.") {
            self.init(
                name: String(halves[1].dropLast(" skipped.".count)).trimmed(of: quotes),
                reason: "no reason is given")
        } else if let end = halves[1].firstRange(of: " skipped: \"") {
            self.init(
                name: String(halves[1][..<end.lowerBound]).trimmed(of: quotes),
                reason: String(halves[1][end.upperBound...].dropLast()))
        } else {
            return nil
        }
    }

    /// Reads a line of `study`: `  skipped the solution at 14.8: nft is not installed`.
    init?(studySaid line: String) {
        let mark = "  skipped "
        guard line.hasPrefix(mark) else { return nil }
        let halves = line.dropFirst(mark.count).split(separator: ": ", maxSplits: 1)
        self.init(
            name: halves.first.map(String.init) ?? "",
            reason: halves.count == 2 ? String(halves[1]) : "no reason is given")
    }

    /// The tool of `.ci/run`, by package or command, whose lack is the reason; nil where it is something else.
    var missingTool: String? {
        let words = Set(reason.split { !$0.isLetter && !$0.isNumber && $0 != "-" }.map(String.init))
        return Setup.installedForTests.first { !words.isDisjoint(with: $0.words) }?.name
    }
}

extension String {
    fileprivate func trimmed(of characters: Set<Character>) -> String {
        var text = self[...]
        while let first = text.first, characters.contains(first) { text.removeFirst() }
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return String(text)
    }
}

extension Outcome {
    /// In continuous integration the machine was set up by `.ci/run`, so a test that was skipped for want of what
    /// that installs has failed. What no root of this machine could help stays a skip.
    func judged(inCI: Bool) -> Outcome {
        guard inCI else { return self }
        var judged = self
        for skip in skipped {
            guard let tool = skip.missingTool else { continue }
            judged.failed += 1
            judged.complaint +=
                "\n\(skip)\n  .ci/run installs \(tool): it must not be skipped there"
        }
        judged.skipped.removeAll { $0.missingTool != nil }
        return judged
    }

    static var isCI: Bool { environmentVariable("CI") == "true" && geteuid() == 0 }
}
