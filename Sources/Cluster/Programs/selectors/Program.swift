import ArgumentParser
import Client
import ContractSelectors
import Controllers
import Logging
import PartPipe
import SolutionSelectors

/// `selectors`: the program of lab 09.
@main
struct SelectorsProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selectors", abstract: "ReplicaSets: as many pods as are wanted.",
        discussion: "Example: selectors controller --kubeconfig .drydock/kubeconfig",
        subcommands: [Controller.self])

    struct Controller: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the ReplicaSet controller until SIGTERM.",
            discussion: "Example: selectors controller --kubeconfig .drydock/kubeconfig")

        @Option(help: "The kubeconfig, written as JSON.") var kubeconfig: String

        func run() async throws {
            Daemon.bootstrapLogging()
            let part: PartCalls<any SelectorsContract>
            if let student = StudentPart(lab: "09") {
                Logger(label: "selectors").notice("lab 09, your part: \(student.path)")
                part = PartCalls(RemoteSelectors(asking: student), isRemote: true)
            } else {
                part = PartCalls(Selectors(), isRemote: false)
            }
            let controller = ReplicaSetController(
                client: try APIClient(kubeconfig: kubeconfig), part: part)
            try await Daemon.run { try await controller.run() }
        }
    }
}
