import ContractMiniCluster

/// What `lab try 19 fault 1`, `2` and `3` did to the cluster.
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
        throw Unfinished("19.2")
        // step 19.2 end
    }

    /// The second fault: a program of the cluster.
    private func processes() throws -> Diagnosis {
        // step 19.3 begin
        throw Unfinished("19.3")
        // step 19.3 end
    }

    /// The third fault: a node's network.
    private func network() throws -> Diagnosis {
        // step 19.4 begin
        throw Unfinished("19.4")
        // step 19.4 end
    }
}
