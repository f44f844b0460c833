/// What happened in a run, for people: one column for each that took part, one line an event.
public struct Timeline: Codable, Hashable, Sendable, CustomStringConvertible {
    public struct Event: Codable, Hashable, Sendable {
        /// In the timeline's unit, from the start of the run.
        public var time: Int
        /// Counted from 1; 0 for what concerns no single lane.
        public var lane: Int
        public var text: String
        /// Whether this is what broke the rule.
        public var isBad: Bool
    }

    /// Events kept: the last ones are those that matter.
    private static let eventsMax = 400
    /// The names of the columns; a lane beyond them is shown by its number.
    public var lanes: [String]
    /// `ms`, `s`, `look` …
    public var unit: String
    public private(set) var events: [Event] = []

    public init(lanes: [String] = [], unit: String = "ms") {
        (self.lanes, self.unit) = (lanes, unit)
    }

    /// - Parameter lane: 0 for what concerns no single one.
    public mutating func add(_ time: Int, _ lane: Int, _ text: String, isBad: Bool = false) {
        events.append(Event(time: time, lane: lane, text: text, isBad: isBad))
        if events.count > 2 * Self.eventsMax { events.removeFirst(Self.eventsMax) }
    }

    private func name(_ lane: Int) -> String {
        lanes.indices.contains(lane - 1) ? lanes[lane - 1] : "\(lane)"
    }

    /// One line an event; the lane's name stands before its text, which moves right with the lane.
    public var description: String { text(last: Self.eventsMax) }

    /// - Parameter last: how many events, counted from the end.
    public func text(last count: Int) -> String {
        events.suffix(count).map { event in
            let time = String(event.time)
            let padding = String(repeating: " ", count: max(0, 8 - time.count))
            let column = String(repeating: " ", count: 22 * max(0, event.lane - 1))
            let who = event.lane == 0 ? "" : "\(name(event.lane)) "
            let mark = event.isBad ? "   <-- here" : ""
            return "\(padding)\(time) \(unit)  \(column)\(who)\(event.text)\(mark)"
        }.joined(separator: "\n")
    }

    /// The same as a page of its own: a table with a column a lane, nothing loaded from anywhere.
    /// - Parameter notes: what stands above it, each with its label: the verdict, what was expected and seen.
    public func html(title: String, notes: [(label: String, text: String)] = []) -> String {
        func escaped(_ text: String) -> String {
            text.unicodeScalars.reduce(into: "") { page, scalar in
                switch scalar {
                case "&": page += "&amp;"
                case "<": page += "&lt;"
                case ">": page += "&gt;"
                default: page.unicodeScalars.append(scalar)
                }
            }
        }
        let columns = max(lanes.count, events.map(\.lane).max() ?? 0)
        let head = (0...columns).map { "<th>\($0 == 0 ? escaped(unit) : escaped(name($0)))</th>" }
        let rows = events.suffix(Self.eventsMax).map { event -> String in
            let cells = (1...max(1, columns)).map { lane -> String in
                event.lane == 0
                    ? "" : "<td>\(lane == event.lane ? escaped(event.text) : "")</td>"
            }
            // Beside columns, what belongs to none of them stands back; alone, it is all there is to read.
            let style = columns == 0 ? "only" : "all"
            let all =
                "<td colspan=\"\(max(1, columns))\" class=\"\(style)\">\(escaped(event.text))</td>"
            let row = event.lane == 0 ? all : cells.joined()
            return
                "<tr\(event.isBad ? " class=\"bad\"" : "")><td class=\"time\">\(event.time)</td>\(row)</tr>"
        }
        let about = notes.map { "<dt>\(escaped($0.label))</dt><dd>\(escaped($0.text))</dd>" }
        return """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>\(escaped(title))</title>
            <style>
            body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #1c2733; }
            table { border-collapse: collapse; } th, td { padding: .15rem .7rem; text-align: left; }
            th { position: sticky; top: 0; background: #e8eef4; } td { border-left: 1px solid #d5dee7; }
            .time { color: #6b7b8a; text-align: right; border: 0; font-variant-numeric: tabular-nums; }
            dt { float: left; width: 6rem; color: #6b7b8a; } dd { margin: 0 0 .3rem 6rem; white-space: pre-wrap; }
            .all { color: #6b7b8a; font-style: italic; } .only { font-family: ui-monospace, monospace; white-space: pre-wrap; } .bad { background: #ffe3de; font-weight: 600; }
            </style><h1>\(escaped(title))</h1>
            <dl>\(about.joined())</dl>
            <table><tr>\(head.joined())</tr>
            \(rows.joined(separator: "\n"))
            </table></html>
            """
    }
}
