// namespaces: what a process sees of the machine. Shows it, and tries lab 01's part on the real
// kernel.
import Contract
import Linux
import PartPipe
import SolutionNamespaces

do {
    try run(Array(CommandLine.arguments.dropFirst()))
} catch {
    complain("namespaces: \(error)")
    exit(error is Usage ? 2 : 1)
}
