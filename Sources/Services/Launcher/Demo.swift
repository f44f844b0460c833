/// `lab demo`.
public struct Demo {
    let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    public func run() throws -> Bool { true }
}
