import JSON
import Linux

/// The OCI runtime's config.json of one container in its pod's namespaces. Source:
/// opencontainers/runtime-spec, config.md and config-linux.md; the defaults are containerd's.
struct OCIConfig {
    var container: ContainerConfig
    /// Namespace files to join by OCI's name of the kind; `network` is missing for a pod on its
    /// node's network.
    var namespaces: [(kind: String, path: String)]
    /// A PID namespace of its own: neither the node's nor one of `namespaces`.
    var hasOwnProcesses = true
    /// nil where this node has no cgroups to give.
    var cgroupPath: String?
    /// /etc/hosts and the like: come before the pod's own mounts, which may cover them.
    var etc: [Mount]
    /// Whether the kernel counts a group's swap, and so can deny it.
    var countsSwap = false

    var json: JSON {
        var linux: JSON = [
            "namespaces": .array(
                [["type": "mount"]]
                    + (hasOwnProcesses ? [["type": "pid"]] : [])
                    + namespaces.map { ["type": .string($0.kind), "path": .string($0.path)] })
        ]
        if let cgroupPath {
            linux["cgroupsPath"] = .string(cgroupPath)
            linux["resources"] = resources
        }
        if !container.security.isPrivileged {
            linux["maskedPaths"] = Self.list(Self.masked)
            linux["readonlyPaths"] = Self.list(Self.readOnly)
            if container.security.seccomp == .runtimeDefault {
                linux["seccomp"] = defaultSeccomp(
                    capabilities: Self.capabilities(container.security))
            }
        }
        return [
            "ociVersion": "1.0.2",
            "process": process,
            "root": ["path": "rootfs", "readonly": .bool(container.security.isRootReadOnly)],
            "mounts": .array(
                Self.system(container.security.isPrivileged) + (etc + volumes).map(bind)),
            "linux": linux,
        ]
    }

    private var volumes: [Mount] {
        // A mount below another one has to come after it.
        container.mounts.sorted {
            $0.containerPath.utf8.lexicographicallyPrecedes($1.containerPath.utf8)
        }
    }

    private var process: JSON {
        let security = container.security
        var process: JSON = [
            "terminal": false,
            "user": [
                "uid": JSON(security.uid), "gid": JSON(security.gid),
                "additionalGids": .array(security.supplementalGroups.map { JSON($0) }),
            ],
            "args": Self.list(container.process.arguments),
            "env": Self.list(container.process.environment),
            "cwd": .string(container.process.directory),
            "noNewPrivileges": .bool(security.noNewPrivileges),
        ]
        let names = Self.list(Self.capabilities(security))
        process["capabilities"] = ["bounding": names, "effective": names, "permitted": names]
        if let score = container.resources.oomScoreAdjustment {
            process["oomScoreAdj"] = JSON(score)
        }
        return process
    }

    private var resources: JSON {
        let limits = container.resources
        var resources: JSON = [
            "devices": [["allow": .bool(container.security.isPrivileged), "access": "rwm"]]
        ]
        var cpu: JSON = [:]
        if let shares = limits.cpuShares { cpu["shares"] = JSON(shares) }
        if let quota = limits.cpuQuota { cpu["quota"] = JSON(quota) }
        if let period = limits.cpuPeriod { cpu["period"] = JSON(period) }
        if cpu.object?.isEmpty == false { resources["cpu"] = cpu }
        if let memory = limits.memoryLimitBytes {
            var both: JSON = ["limit": JSON(memory)]
            // Memory and swap together. Without it a container on a machine with swap goes on where Kubernetes
            // has it killed: there a container gets no swap.
            if countsSwap { both["swap"] = JSON(memory) }
            resources["memory"] = both
        }
        return resources
    }

    private func bind(_ mount: Mount) -> JSON {
        [
            "destination": .string(mount.containerPath), "type": "bind",
            "source": .string(mount.hostPath),
            "options": ["rbind", "rprivate", mount.isReadOnly ? "ro" : "rw"],
        ]
    }

    /// Group 5, tty, for terminals; not in the user namespace of somebody who has no other ids than his own,
    /// where mounting devpts for a group that isn't there fails.
    private static let terminalGroup: [String] = {
        let map = (try? Files.readText("/proc/self/gid_map")) ?? ""
        let isThere = map.split(separator: "\n").contains { line in
            let range = line.split(separator: " ").compactMap { Int($0) }
            return range.count == 3 && (range[0]..<range[0] + range[2]).contains(5)
        }
        return isThere ? ["gid=5"] : []
    }()

    private static func system(_ isPrivileged: Bool) -> [JSON] {
        func mount(_ destination: String, _ type: String, _ source: String, _ options: [String])
            -> JSON
        {
            [
                "destination": .string(destination), "type": .string(type),
                "source": .string(source), "options": list(options),
            ]
        }
        return [
            mount("/proc", "proc", "proc", ["nosuid", "noexec", "nodev"]),
            mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            mount(
                "/dev/pts", "devpts", "devpts",
                ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] + terminalGroup),
            mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
            mount(
                "/dev/shm", "tmpfs", "shm",
                ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
            mount(
                "/sys", "sysfs", "sysfs",
                ["nosuid", "noexec", "nodev", isPrivileged ? "rw" : "ro"]),
        ]
    }

    /// What containerd gives a container that asks for nothing, less what is dropped, plus what is
    /// added.
    static func capabilities(_ security: LinuxSecurity) -> [String] {
        var names = security.isPrivileged ? all : standard
        let drop = security.dropCapabilities.map { $0.uppercased() }
        let add = security.addCapabilities.map { $0.uppercased() }
        names.removeAll { drop.contains("ALL") || drop.contains(String($0.dropFirst(4))) }
        if add.contains("ALL") { return all }
        for name in add.map({ $0.hasPrefix("CAP_") ? $0 : "CAP_" + $0 }) where !names.contains(name)
        {
            names.append(name)
        }
        return names
    }

    private static func list(_ strings: [String]) -> JSON { .array(strings.map { .string($0) }) }

    static let standard = named(
        "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP "
            + "NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE")
    static let all =
        standard
        + named(
            "DAC_READ_SEARCH LINUX_IMMUTABLE NET_BROADCAST NET_ADMIN IPC_LOCK IPC_OWNER SYS_MODULE "
                + "SYS_RAWIO SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME "
                + "SYS_TTY_CONFIG LEASE AUDIT_CONTROL MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM "
                + "BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE")

    private static func named(_ words: String) -> [String] {
        words.split(separator: " ").map { "CAP_\($0)" }
    }

    static let masked = [
        "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    ]
    static let readOnly = [
        "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
    ]
}
