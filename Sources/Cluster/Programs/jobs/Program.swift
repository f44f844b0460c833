import ArgumentParser
import Client
import ContractMiniCluster
import Controllers
import Logging
import PartPipe
import SolutionMiniCluster

/// `jobs`: the controller of lab 19.
@main
struct JobsProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Jobs: pods that run to their end.",
        discussion: "Example: jobs controller --kubeconfig .drydock/kubeconfig",
        subcommands: [Controller.self])

    struct Controller: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the Job controller until SIGTERM.",
            discussion: "Example: jobs controller --kubeconfig .drydock/kubeconfig")

        @Option(help: "The kubeconfig, written as JSON.") var kubeconfig: String

        func run() async throws {
            Daemon.bootstrapLogging()
            let part: PartCalls<any MiniClusterContract>
            if let student = StudentPart(lab: "19") {
                Logger(label: "jobs").notice("lab 19, your part: \(student.path)")
                part = PartCalls(RemoteMiniCluster(asking: student), isRemote: true)
            } else {
                part = PartCalls(MiniCluster(), isRemote: false)
            }
            let controller = JobController(
                client: try APIClient(kubeconfig: kubeconfig), part: part)
            try await Daemon.run { try await controller.run() }
        }
    }
}
