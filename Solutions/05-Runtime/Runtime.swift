import ContractRuntime

/// Lab 05: the order of a container's making, and what its specification means.
public struct Runtime: RuntimePart, Part {
    public init() {}

    /// Every step takes away what an earlier one needed: the host's paths, a writable /proc/sys,
    /// privileges.
    public func steps(for spec: ContainerSpec) throws -> [SetupStep] {
        let linux = spec.linux ?? LinuxSpec()
        let process = spec.process
        let namespaces = linux.namespaces ?? []
        func isNew(_ kind: NamespaceKind) -> Bool {
            namespaces.contains { $0.type == kind && $0.path == nil }
        }
        let noNewPrivileges = process?.noNewPrivileges ?? false
        let hasRoot = isNew(.mount)
        // Of a namespace that is joined, too: what the specification says holds for all in it.
        let hasNames = namespaces.contains { $0.type == .uts }
        // step 05.1 begin
        var steps: [SetupStep] = [.enterControlGroups]
        func add(_ step: SetupStep, if wanted: Bool) { if wanted { steps.append(step) } }
        add(.joinNamespaces, if: namespaces.contains { $0.path != nil && $0.type != .pid })
        add(.becomeRoot, if: isNew(.user))
        add(.newControlGroupNamespace, if: isNew(.cgroup))
        add(.setHostname, if: hasNames && (spec.hostname != nil || spec.domainname != nil))
        add(.raiseLoopback, if: isNew(.network))
        add(.enterRoot, if: hasRoot)
        add(.makeDevices, if: hasRoot)
        add(.openTerminal, if: process?.terminal ?? false)
        add(.setSysctls, if: !(linux.sysctl ?? [:]).isEmpty)
        add(.protectPaths, if: hasRoot && !(linux.readonlyPaths ?? []).isEmpty)
        add(.maskPaths, if: hasRoot && !(linux.maskedPaths ?? []).isEmpty)
        add(.makeRootReadOnly, if: hasRoot && spec.root?.readonly ?? false)
        add(.setOOMScore, if: process?.oomScoreAdj != nil)
        add(.setResourceLimits, if: !(process?.rlimits ?? []).isEmpty)
        add(.loadSeccompPrivileged, if: linux.seccomp != nil && !noNewPrivileges)
        steps += [.setUser, .setCapabilities]
        add(.setNoNewPrivileges, if: noNewPrivileges)
        steps += [.changeDirectory, .waitForStart]
        add(.loadSeccomp, if: linux.seccomp != nil && noNewPrivileges)
        return steps + [.execute]
        // step 05.1 end
    }

    /// Deleting is for what has stopped; a signal is for what has a process.
    public func state(after operation: Operation, in state: ContainerState) throws -> ContainerState
    {
        // step 05.2 begin
        switch (operation, state) {
        case (.create, .creating): return .created
        case (.start, .created): return .running
        case (.kill, .created), (.kill, .running): return state
        case (.exec, .created), (.exec, .running): return state
        case (.exit, .creating), (.exit, .created), (.exit, .running): return .stopped
        case (.delete, .stopped): return .stopped
        default: throw WrongState(operation, in: state)
        }
        // step 05.2 end
    }

    public func capabilities(_ names: ProcessSpec.Capabilities) throws -> CapabilitySets {
        var sets = CapabilitySets()
        sets.bounding = try mask(names.bounding)
        sets.effective = try mask(names.effective)
        sets.inheritable = try mask(names.inheritable)
        sets.permitted = try mask(names.permitted)
        sets.ambient = try mask(names.ambient)
        return sets
    }

    /// One bit for each name.
    func mask(_ names: [String]?) throws -> UInt64 {
        // step 05.3 begin
        var mask: UInt64 = 0
        for name in names ?? [] {
            guard let number = capabilityNames.firstIndex(of: name) else {
                throw UnknownCapability(name)
            }
            mask |= 1 << UInt64(number)
        }
        return mask
        // step 05.3 end
    }
}

/// linux/capability.h: the position is the number.
let capabilityNames = [
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
    "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
    "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
]
