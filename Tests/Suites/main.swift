import Launcher
import Linux

/// `lab test`: builds this program and becomes it. Exit status 0 only if nothing failed.
do {
    let layout = try Layout.fromEnvironment()
    let isFine = try SelfTest(layout, Terminal()).run(only: CommandLine.arguments.dropFirst().first)
    exit(isFine ? 0 : 1)
} catch {
    printError("lab: \(error)")
    exit(1)
}
