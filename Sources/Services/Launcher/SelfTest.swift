/// `lab test`.
public struct SelfTest {
    let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    public func run(only name: String?) throws -> Bool { true }
}
