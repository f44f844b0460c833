import ArgumentParser
import Client
import ContractScheduler
import Logging
import PartPipe
import Scheduling
import SolutionScheduler

/// `scheduler`: gives pods nodes.
@main
struct SchedulerProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler", abstract: "Give every pod without a node one, until SIGTERM.",
        discussion: "Example: scheduler --kubeconfig .drydock/pki/kube-scheduler.kubeconfig")

    @Option(help: "The kubeconfig, written as JSON.") var kubeconfig: String

    func run() async throws {
        Daemon.bootstrapLogging()
        let part: PartCalls<any SchedulerContract>
        if let student = StudentPart(lab: "11") {
            Logger(label: "scheduler").notice("lab 11, your part: \(student.path)")
            part = PartCalls(RemoteScheduler(asking: student), isRemote: true)
        } else {
            part = PartCalls(SolutionScheduler.Scheduler(), isRemote: false)
        }
        let scheduler = Scheduling.Scheduler(
            client: try APIClient(kubeconfig: kubeconfig), part: part)
        try await Daemon.run { try await scheduler.run() }
    }
}
