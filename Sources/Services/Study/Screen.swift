import Glibc
import Linux

/// What the person at the keyboard sees: lines that stay, and one that moves while something takes long.
///
/// Colour is for terminals that want it (https://no-color.org). With a report for a machine on standard
/// output, all of this goes to standard error.
public final class Screen {
    private let descriptor: Int32
    public let isTerminal: Bool
    private let colours: Bool
    /// Columns; lines are broken before them.
    public let width: Int
    private var moving = false

    public init(descriptor: Int32 = 1, width: Int? = nil) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
        colours =
            isTerminal && environmentVariable("NO_COLOR") == nil
            && environmentVariable("TERM") != "dumb"
        self.width = width ?? (isTerminal ? min(100, Self.columns(descriptor) ?? 80) : 100)
    }

    private static func columns(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 40 else { return nil }
        return Int(size.ws_col)
    }

    /// A line, or several, that stay.
    public func say(_ text: String = "") {
        clearMoving()
        emit(text + "\n")
    }

    /// What is going on right now. Only a terminal shows it: it replaces itself.
    public func moving(_ text: String) {
        guard isTerminal else { return }
        emit("\r\u{1B}[K" + dim(String(text.prefix(width - 1))))
        moving = true
    }

    public func clearMoving() {
        if moving { emit("\r\u{1B}[K") }
        moving = false
    }

    /// Text as it is: a report for a machine.
    public func emit(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let wrote = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if wrote < 0, Errno.current == .interrupted { continue }
            guard wrote > 0 else { return }
            rest = rest.dropFirst(wrote)
        }
    }

    /// A text over several lines, each with this many spaces before it; lines that it has already stay apart.
    public func say(indented spaces: Int, _ text: String) {
        let margin = String(repeating: " ", count: spaces)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            for piece in Self.wrap(String(line), width - spaces) { say(margin + piece) }
        }
    }

    /// Breaks a line at spaces; a word longer than the line stays whole.
    static func wrap(_ text: String, _ width: Int) -> [String] {
        guard text.count > width else { return [text] }
        // What is indented stays so when it is broken: tables, code.
        let margin = String(text.prefix { $0 == " " })
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if line.isEmpty {
                line = margin + word
            } else if line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = margin + word
            }
        }
        return lines + [line]
    }

    private func paint(_ text: String, _ code: Int) -> String {
        colours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
    public var hasColours: Bool { colours }
    public func bold(_ text: String) -> String { paint(text, 1) }
    public func dim(_ text: String) -> String { paint(text, 2) }
    public func red(_ text: String) -> String { paint(text, 31) }
    public func green(_ text: String) -> String { paint(text, 32) }
    public func yellow(_ text: String) -> String { paint(text, 33) }

    /// A question that is answered with y or yes; no where nobody can be asked.
    public func asks(_ question: String) -> Bool {
        guard isTerminal, isatty(0) == 1 else { return false }
        clearMoving()
        emit("\(question) [y/N] ")
        return ["y", "yes"].contains((readLine() ?? "").lowercased())
    }
}

extension String {
    /// With spaces behind it, up to a width.
    package func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
    /// With spaces before it.
    func leftPadded(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}

/// `1 step`, `2 steps`.
package func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
}
