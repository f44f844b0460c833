import Linux
import Objects
import PodRuntime

/// What this machine is, for the Node's status.
enum NodeFacts {
    static let memoryBytes: Int = {
        let text = (try? Files.readText("/proc/meminfo")) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }()

    /// The lowest oom_score_adj that may be given out here: without CAP_SYS_RESOURCE on the machine
    /// itself (in a user namespace, in many sandboxes) nobody goes below their own. Found by
    /// trying.
    static let oomScoreMin: Int = {
        let file = "/proc/self/oom_score_adj"
        let own = (try? Files.readText(file)).flatMap { Int($0.filter { $0 != "\n" }) } ?? 0
        guard own > -1000, (try? Files.write("\(own - 1)", to: file)) != nil else { return own }
        try? Files.write("\(own)", to: file)
        return -1000
    }()

    /// The cgroup of all pods, below the node's: what the pods have together is bounded, so that the kubelet and its like,
    /// which are beside it, go on whatever a pod does.
    static let podsGroup = "kubepods"

    /// Nine tenths of the memory, and half of the process ids.
    static func boundPods(below root: String) throws {
        let most = (try? Files.readText("/proc/sys/kernel/pid_max")).flatMap {
            Int($0.filter(\.isNumber))
        }
        try Cgroups.bound(
            "\(root)/\(podsGroup)", processes: max(4096, (most ?? 32768) / 2),
            memoryBytes: memoryBytes / 10 * 9)
    }

    static var cpus: Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Kubernetes' word for the machine's architecture.
    static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #else
            firstLine("/proc/sys/kernel/arch")
        #endif
    }

    private static func firstLine(_ path: String) -> String {
        String(((try? Files.readText(path)) ?? "").split(separator: "\n").first ?? "")
    }

    static func info(runtime: String) -> NodeSystemInfo {
        var info = NodeSystemInfo()
        info.machineID = firstLine("/etc/machine-id")
        info.systemUUID = info.machineID
        info.bootID = firstLine("/proc/sys/kernel/random/boot_id")
        info.kernelVersion = firstLine("/proc/sys/kernel/osrelease")
        info.osImage = osImage
        info.containerRuntimeVersion = runtime
        info.kubeletVersion = "\(KubernetesVersion.text)-drydock"
        info.kubeProxyVersion = ""
        info.operatingSystem = "linux"
        info.architecture = architecture
        return info
    }

    private static var osImage: String {
        let text = (try? Files.readText("/etc/os-release")) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return String(line?.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } ?? "Linux")
    }
}
