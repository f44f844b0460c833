import ArgumentParser
import Client
import ContractAutoscaler
import Controllers
import Logging
import PartPipe
import SolutionAutoscaler

/// `hpa`: the program of lab 17.
@main
struct HPAProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hpa",
        abstract: "HorizontalPodAutoscalers: as many pods as the load asks for.",
        discussion: "Example: hpa controller --kubeconfig .drydock/kubeconfig",
        subcommands: [Controller.self])

    struct Controller: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the autoscaler until SIGTERM.",
            discussion:
                "Example: hpa controller --kubeconfig .drydock/kubeconfig --sync-period-seconds 15")

        @Option(help: "The kubeconfig, written as JSON.") var kubeconfig: String
        @Option(help: "How often each target is looked at.") var syncPeriodSeconds = 15
        @Option(help: "How long a shrink waits where the object does not say.")
        var downscaleStabilisationSeconds = 300

        func run() async throws {
            Daemon.bootstrapLogging()
            let part: PartCalls<any AutoscalerContract>
            if let student = StudentPart(lab: "17") {
                Logger(label: "hpa").notice("lab 17, your part: \(student.path)")
                part = PartCalls(RemoteAutoscaler(asking: student), isRemote: true)
            } else {
                part = PartCalls(Autoscaler(), isRemote: false)
            }
            let controller = AutoscalerController(
                client: try APIClient(kubeconfig: kubeconfig), part: part,
                settings: .init(
                    syncPeriodSeconds: syncPeriodSeconds,
                    downscaleStabilisationSeconds: downscaleStabilisationSeconds))
            try await Daemon.run { try await controller.run() }
        }
    }
}
