import ArgumentParser
import Client
import ContractRollout
import Controllers
import Logging
import PartPipe
import SolutionRollout

/// `rollout`: the program of lab 10.
@main
struct RolloutProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout", abstract: "Deployments: from one pod template to the next.",
        discussion: "Example: rollout controller --kubeconfig .drydock/kubeconfig",
        subcommands: [Controller.self])

    struct Controller: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the Deployment controller until SIGTERM.",
            discussion: "Example: rollout controller --kubeconfig .drydock/kubeconfig")

        @Option(help: "The kubeconfig, written as JSON.") var kubeconfig: String

        func run() async throws {
            Daemon.bootstrapLogging()
            let part: PartCalls<any RolloutContract>
            if let student = StudentPart(lab: "10") {
                Logger(label: "rollout").notice("lab 10, your part: \(student.path)")
                part = PartCalls(RemoteRollout(asking: student), isRemote: true)
            } else {
                part = PartCalls(Rollout(), isRemote: false)
            }
            let controller = DeploymentController(
                client: try APIClient(kubeconfig: kubeconfig), part: part)
            try await Daemon.run { try await controller.run() }
        }
    }
}
