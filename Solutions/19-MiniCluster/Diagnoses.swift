import ContractMiniCluster

/// These are the answers to the faults of seed 1: `lab try 19 fault 1 --seed 1`. Yours differ.
extension MiniCluster {
    public func diagnosis(_ drill: Int) throws -> Diagnosis {
        switch drill {
        case 1: try objects()
        case 2: try processes()
        default: try network()
        }
    }

    /// The first fault: something asks for what can't be had.
    private func objects() throws -> Diagnosis {
        // step 19.2 begin
        Diagnosis(
            component: "service/shop", cause: .selectorMatchesNothing,
            command: "kubectl get endpointslices -n drill -o wide")
        // step 19.2 end
    }

    /// The second fault: a program of the cluster.
    private func processes() throws -> Diagnosis {
        // step 19.3 begin
        Diagnosis(
            component: "scheduler", cause: .processStopped,
            command: "kubectl get pods -n drill")
        // step 19.3 end
    }

    /// The third fault: a node's network.
    private func network() throws -> Diagnosis {
        // step 19.4 begin
        Diagnosis(
            component: "node-2", cause: .routeMissing,
            command: "lab enter node-2 -- ip route")
        // step 19.4 end
    }
}
