import ArgumentParser

/// `dnat`: Services as rules. The program of lab 14.
@main
struct DNAT: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dnat",
        abstract:
            "Services as rules: render them, trace packets through them, keep a node's kernel in step.",
        discussion: "Example: dnat render services.json",
        subcommands: [
            Render.self, Trace.self, Sync.self, ProxyCommand.self, Clean.self,
        ])
}
