import ContractAutoscaler
import Grading
import Linux

/// `lab try 17 [--seed N] [--size N] [--window SECONDS] [--svg FILE]`: one run, its recommendations
/// plotted beside its replicas.
func plotRun(_ part: PartProgram, _ arguments: [String]) throws {
    var (seed, size, window, svg): (Int, Int, Int?, String?) = (1, 6, nil, nil)
    var rest = arguments[...]
    while let flag = rest.popFirst() {
        let value = rest.popFirst() ?? ""
        switch (flag, Int(value)) {
        case ("--seed", let number?): seed = number
        case ("--size", let number?): size = min(10, max(1, number))
        case ("--window", let number?): window = max(0, number)
        case ("--svg", _) where !value.isEmpty: svg = value
        default:
            throw Failed(
                "lab try 17 [--seed N] [--size 1...10] [--window SECONDS] [--svg FILE]", idea: "")
        }
    }
    var run = LoadRun(Run(seed: seed, size: size), part: RemoteAutoscaler(asking: part))
    while !run.isOver { try run.look(window: window) }
    let plot = Plot(looks: run.looks)
    print(plot.text)
    print(
        "\(plot.changes) changes in \(run.time) s; window downwards "
            + "\(window ?? run.scene.windowSeconds) s, "
            + "a look every \(LoadScene.lookSeconds) s")
    if let svg {
        try Files.write(plot.svg, to: svg)
        print("drawn in \(svg)")
    }
}

/// Recommendations and replicas over time.
struct Plot {
    let looks: [LoadRun.Look]

    var changes: Int { zip(looks, looks.dropFirst()).filter { $0.replicas != $1.replicas }.count }
    private var highest: Int { looks.map { max($0.replicas, $0.wish ?? 0) }.max() ?? 1 }

    /// One column a look: `#` up to the replicas, `o` where the recommendation is, `@` where it is
    /// among them.
    var text: String {
        let rows = (1...max(1, highest)).reversed().map { height -> String in
            let cells = looks.map { look -> String in
                let isWish = look.wish == height
                if height <= look.replicas { return isWish ? "@" : "#" }
                return isWish ? "o" : " "
            }
            let label = String(height)
            return String(repeating: " ", count: 4 - label.count) + label + " |" + cells.joined()
        }
        let axis = "     +" + String(repeating: "-", count: looks.count)
        return
            (rows + [
                axis, "      # replicas   o recommended   @ recommended, no more than the replicas",
            ])
            .joined(separator: "\n")
    }

    /// The same as a picture: steps for the replicas, dots for the recommendations.
    var svg: String {
        let (step, row, left, top) = (14, 22, 40, 20)
        let (width, height) = (left + step * looks.count + 20, top + row * highest + 60)
        func y(_ pods: Int) -> Int { top + row * (highest - pods) }
        var path = ""
        for (index, look) in looks.enumerated() {
            let x = left + step * index
            path += "\(index == 0 ? "M" : "L")\(x) \(y(look.replicas)) H\(x + step) "
        }
        let dots = looks.enumerated().compactMap { index, look in
            look.wish.map {
                "<circle cx=\"\(left + step * index + step / 2)\" cy=\"\(y($0))\" r=\"3.5\"/>"
            }
        }
        let grid = (0...highest).map {
            "<path d=\"M\(left) \(y($0)) H\(width - 20)\"/><text x=\"\(left - 8)\" y=\"\(y($0) + 4)\" text-anchor=\"end\" stroke=\"none\">\($0)</text>"
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" font-family="system-ui, sans-serif" font-size="12">
            <rect width="\(width)" height="\(height)" fill="#fff"/>
            <g stroke="#dde5ec" fill="#6b7b8a">\(grid.joined())</g>
            <path d="\(path)" fill="none" stroke="#1f6feb" stroke-width="2.5"/>
            <g fill="#d1632b">\(dots.joined())</g>
            <text x="\(left)" y="\(height - 30)" fill="#1f6feb">replicas</text>
            <text x="\(left + 70)" y="\(height - 30)" fill="#d1632b">recommended</text>
            <text x="\(left)" y="\(height - 12)" fill="#6b7b8a">one look every \(LoadScene.lookSeconds) s, \(looks.count) looks</text>
            </svg>

            """
    }
}
