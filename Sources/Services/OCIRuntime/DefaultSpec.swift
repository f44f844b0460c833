import JSON

/// The configuration to start from: a shell in every kind of namespace but user and cgroup.
let defaultSpec: JSON = [
    "ociVersion": "1.0.2",
    "process": [
        "terminal": true,
        "user": ["uid": 0, "gid": 0],
        "args": ["sh"],
        "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
        "cwd": "/",
        "capabilities": [
            "bounding": defaultCapabilities, "effective": defaultCapabilities,
            "permitted": defaultCapabilities, "ambient": defaultCapabilities,
        ],
        "rlimits": [["type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024]],
        "noNewPrivileges": true,
    ],
    "root": ["path": "rootfs", "readonly": true],
    "hostname": "drydock",
    "mounts": .array(defaultMounts),
    "linux": [
        "resources": ["devices": [["allow": false, "access": "rwm"]]],
        "namespaces": [
            ["type": "pid"], ["type": "network"], ["type": "ipc"], ["type": "uts"],
            ["type": "mount"],
        ],
        "maskedPaths": [
            "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
            "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware",
            "/proc/scsi",
        ],
        "readonlyPaths": [
            "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
        ],
    ],
]

private let defaultCapabilities: JSON = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]

private let defaultMounts: [JSON] = [
    mount("/proc", "proc", "proc", []),
    mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    mount(
        "/dev/pts", "devpts", "devpts",
        ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
    mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
    mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
    mount("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]),
    mount("/sys/fs/cgroup", "cgroup", "cgroup", ["nosuid", "noexec", "nodev", "relatime", "ro"]),
]

private func mount(_ destination: JSON, _ type: JSON, _ source: JSON, _ options: [JSON]) -> JSON {
    var mount: JSON = ["destination": destination, "type": type, "source": source]
    if !options.isEmpty { mount["options"] = .array(options) }
    return mount
}
