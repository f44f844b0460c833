// cgroups: how much a group of processes gets. Shows it, and tries lab 02's part on the real
// kernel.
import Contract
import Linux

do {
    try run(Array(CommandLine.arguments.dropFirst()))
} catch {
    complain("cgroups: \(error)")
    exit(error is Usage ? 2 : 1)
}
