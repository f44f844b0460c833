import PodRuntime
import PodWork

/// What a kubelet is told on its command line.
public struct KubeletConfiguration: Sendable {
    public var nodeName: String
    /// The node's address on the dock's network; the HTTPS server listens there.
    public var nodeIP: String
    public var port = 10250
    public var podCIDR: CIDR
    /// The kubelet's own directory.
    public var state: String
    /// `/node-1`: the cgroup of everything that runs here; nil where there are none to be had.
    public var cgroupRoot: String?
    /// Pods from files, one JSON file each; nil for none.
    public var manifests: String?
    /// Where `ca.crt`, `NODE.crt` and `NODE.key` are; nil: no HTTPS server.
    public var pki: String?
    /// The cluster's DNS server, for the pods' /etc/resolv.conf.
    public var clusterDNS = "10.96.0.10"
    /// The certificate by which pods know the API server, as PEM; nil where there is none to give.
    public var authority: [UInt8]?
    public var leaseSeconds = 20
    /// Processes and threads of one pod, at most.
    public var podProcessesMax = 4096
    public var settings = PodMachine.Settings()

    public init(nodeName: String, nodeIP: String, podCIDR: CIDR, state: String) {
        (self.nodeName, self.nodeIP, self.podCIDR, self.state) = (nodeName, nodeIP, podCIDR, state)
    }
}
