import Linux

/// What of the machine runs short, by the kubelet's usual thresholds. Source: Kubernetes documentation, "Node-pressure
/// Eviction", hard eviction thresholds.
public struct NodePressure: Hashable, Sendable {
    /// MemAvailable of /proc/meminfo.
    public var memoryBytesAvailable: Int
    /// Free share of the file system that holds the pods: 0...1.
    public var diskShareAvailable: Double
    public var inodeShareAvailable: Double
    /// Free share of the process ids.
    public var pidShareAvailable: Double

    public init(
        memoryBytesAvailable: Int, diskShareAvailable: Double, inodeShareAvailable: Double,
        pidShareAvailable: Double
    ) {
        self.memoryBytesAvailable = memoryBytesAvailable
        self.diskShareAvailable = diskShareAvailable
        self.inodeShareAvailable = inodeShareAvailable
        self.pidShareAvailable = pidShareAvailable
    }

    /// For the Node's status, in the kubelet's words.
    public var conditions: [(type: String, status: String, reason: String, message: String)] {
        let disk = diskShareAvailable < 0.10 || inodeShareAvailable < 0.05
        return [
            memoryBytesAvailable < 100 << 20
                ? ("MemoryPressure", "True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
                : ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            disk
                ? ("DiskPressure", "True", "KubeletHasDiskPressure", "kubelet has disk pressure")
                : ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            pidShareAvailable < 0.05
                ? ("PIDPressure", "True", "KubeletHasInsufficientPID", "kubelet has insufficient PID available")
                : ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ]
    }
}

extension NodePressure {
    /// As things stand now. What can't be read is taken for plenty.
    public init(stateDirectory: String) {
        self.init(
            memoryBytesAvailable: .max, diskShareAvailable: 1, inodeShareAvailable: 1, pidShareAvailable: 1)
        let memory = ((try? Files.readText("/proc/meminfo")) ?? "").split(separator: "\n")
            .first { $0.hasPrefix("MemAvailable:") }?.split(separator: " ").dropFirst().first
        if let kibibytes = memory.flatMap({ Int($0) }) { memoryBytesAvailable = kibibytes * 1024 }
        var disk = statfs()
        if statfs(stateDirectory, &disk) == 0, disk.f_blocks > 0 {
            diskShareAvailable = Double(disk.f_bavail) / Double(disk.f_blocks)
            // Some file systems count no inodes.
            if disk.f_files > 0 { inodeShareAvailable = Double(disk.f_ffree) / Double(disk.f_files) }
        }
        // "0.20 0.18 0.12 1/80 11206": the second number after the slash is that of all threads.
        let load = ((try? Files.readText("/proc/loadavg")) ?? "").split(separator: " ")
        let threads = load.dropFirst(3).first?.split(separator: "/").last.flatMap { Int($0) } ?? 0
        let most = ((try? Files.readText("/proc/sys/kernel/pid_max")) ?? "").split(separator: "\n")
            .first.flatMap { Int($0) } ?? Int.max
        pidShareAvailable = 1 - Double(threads) / Double(most)
    }
}
