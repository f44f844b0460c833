import ArgumentParser
import Client
import Linux
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
        let began = Clock.monotonicMilliseconds()
        let view = try input.view()
        let (read, before) = (Clock.monotonicMilliseconds(), Clock.processorMicroseconds())
        try await installRules(for: view, part: servicePart(), logger: Logger(label: "dnat"))
        let (done, after) = (Clock.monotonicMilliseconds(), Clock.processorMicroseconds())
        print(
            "Services read in \(read - began) ms; rules rendered and installed in \(done - read) ms, "
                + "\((after - before) / 1000) ms of processor time")
    }
}
