import ArgumentParser
import Client
import ControllerRules
import Controllers

/// `controllers`: what keeps house in the cluster, apart from the controllers that labs are about.
@main
struct ControllersProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controllers",
        abstract: "Run the endpoints, node, namespace and garbage controllers until SIGTERM.",
        discussion:
            "Example: controllers --kubeconfig .drydock/pki/kube-controller-manager.kubeconfig")

    @Option(help: "The kubeconfig, written as JSON.") var kubeconfig: String
    @Option(help: "How often nodes are looked at.") var nodeMonitorPeriodSeconds = 5
    @Option(help: "A node that is silent for so long is Unknown.")
    var nodeMonitorGraceSeconds = 40
    @Option(help: "How long pods without a toleration stay on a node that is not ready.")
    var podEvictionSeconds = 300

    func run() async throws {
        Daemon.bootstrapLogging()
        let controllers = AllControllers(
            client: try APIClient(kubeconfig: kubeconfig),
            times: NodeTimes(
                monitorPeriod: nodeMonitorPeriodSeconds, grace: nodeMonitorGraceSeconds,
                eviction: podEvictionSeconds))
        try await Daemon.run { try await controllers.run() }
    }
}
