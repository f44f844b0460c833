import Linux

/// What the user sees: lines that stay, and one line that moves while something takes long.
public final class Terminal {
    private let isTerminal = isatty(1) == 1
    private var lastQuietLine = 0
    private var moving = false

    private let isQuiet: Bool

    /// - Parameter isQuiet: whether nothing is to be shown at all.
    public init(isQuiet: Bool = false) {
        self.isQuiet = isQuiet
        clinux_line_buffer_stdout()
    }

    /// A line that stays.
    public func say(_ text: String) {
        if isQuiet { return }
        clearMoving()
        print(text)
    }

    /// What is going on right now. On a terminal it replaces itself; elsewhere (a log) it is a line every
    /// fifteen seconds.
    public func progress(_ text: String) {
        if isQuiet { return }
        if isTerminal {
            let width = 100
            emit("\r\u{1B}[K" + text.prefix(width))
            moving = true
        } else if Clock.monotonicMilliseconds() - lastQuietLine > 15_000 {
            lastQuietLine = Clock.monotonicMilliseconds()
            print(text)
        }
    }

    private func clearMoving() {
        if moving { emit("\r\u{1B}[K") }
        moving = false
    }

    private func emit(_ text: String) {
        let bytes = Array(text.utf8)
        _ = write(1, bytes, bytes.count)
    }

    /// Bold or coloured on a terminal that wants it (https://no-color.org).
    public func paint(_ text: String, _ code: Int) -> String {
        isTerminal && environmentVariable("NO_COLOR") == nil
            ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
    public func green(_ text: String) -> String { paint(text, 32) }
    public func red(_ text: String) -> String { paint(text, 31) }
    public func bold(_ text: String) -> String { paint(text, 1) }
}
