import ArgumentParser
import Client
import Logging
import Proxy

/// `dnat sync`: once what `dnat proxy` does all the time.
struct Sync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make this network namespace's rules those for the Services in files, and end.",
        discussion:
            "Example: kubectl get svc,endpointslices -A -o json | unshare -n dnat sync -")

    @OptionGroup var input: Input

    func run() async throws {
        Daemon.bootstrapLogging()
        try await installRules(
            for: try input.view(), part: servicePart(), logger: Logger(label: "dnat"))
    }
}
