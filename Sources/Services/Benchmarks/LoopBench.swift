import Launcher
import Linux

/// How long a student waits: what `Labs/lab bench loop` measures, lab by lab and from a clean clone.
struct LoopBench {
    let layout: Layout
    let terminal: Terminal

    init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    func figures() throws -> [Figure] {
        let output = try Pipe()
        let child = try Child.spawn(
            "\(layout.root)/Labs/lab", ["lab", "bench", "loop"],
            descriptors: [1: output.write.raw, 2: output.write.raw])
        var lines = Lines(output.intoRead())
        var figures: [Figure] = []
        var other: [String] = []
        while let line = try lines.next() {
            if let figure = Self.figure(line) { figures.append(figure) } else { other.append(line) }
            terminal.progress(line)
        }
        guard try child.wait().succeeded, !figures.isEmpty else {
            throw LauncherError("lab bench loop:\n" + other.joined(separator: "\n"))
        }
        return figures
    }

    /// `loop: lab 10, edit to 9 verdicts    1 s   median 812 ms of 7, …`: three columns, two spaces or more
    /// between.
    static func figure(_ line: String) -> Figure? {
        guard line.hasPrefix("loop: ") else { return nil }
        let columns = line.split(separator: "  ").map { column in
            String(column.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
        guard columns.count == 3 else { return nil }
        return Figure(name: columns[0], goal: columns[1], measured: columns[2])
    }
}
