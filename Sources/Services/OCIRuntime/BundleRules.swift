import ContractRuntime
import Linux

// What every later step takes for granted.

extension Bundle {
    static func validate(_ spec: ContainerSpec, _ config: String) throws {
        func refuse(_ path: String, _ reason: String) -> RuntimeFailure {
            RuntimeFailure("\(config): \(path): \(reason)")
        }
        guard spec.ociVersion.startsWithBytes(of: "1.") else {
            throw refuse(
                "ociVersion", "\"\(spec.ociVersion)\" is not 1.x, which this runtime speaks")
        }
        guard let root = spec.root else { throw refuse("root", "missing") }
        if !isPath(root.path) { throw refuse("root.path", "a NUL, or nothing") }
        guard let process = spec.process else { throw refuse("process", "missing") }
        try validate(process, in: config)
        for (index, mount) in (spec.mounts ?? []).enumerated() {
            guard mount.destination.isAbsolutePath, isPath(mount.destination) else {
                throw refuse(
                    "mounts[\(index)].destination", "\"\(mount.destination)\" is not absolute")
            }
            if !isPath(mount.source ?? "x") {
                throw refuse("mounts[\(index)].source", "a NUL, or nothing")
            }
        }
        let linux = spec.linux ?? LinuxSpec()
        try validate(linux, spec, refuse)
        do { try validateDevices(linux) } catch { throw RuntimeFailure("\(config): \(error)") }
    }

    /// Text that the kernel reads to its end.
    private static func isPath(_ text: String) -> Bool {
        !text.isEmpty && RelativePath(text) != nil
    }

    private static func validate(
        _ linux: LinuxSpec, _ spec: ContainerSpec, _ refuse: (String, String) -> RuntimeFailure
    ) throws {
        let namespaces = linux.namespaces ?? []
        let isUTS = namespaces.contains { $0.type == .uts }
        if spec.hostname != nil, !isUTS { throw refuse("hostname", "needs a uts namespace") }
        if spec.domainname != nil, !isUTS { throw refuse("domainname", "needs a uts namespace") }
        guard let mount = namespaces.first(where: { $0.type == .mount }) else {
            throw refuse(
                "linux.namespaces", "without a mount namespace the host's root would change")
        }
        if mount.path != nil {
            throw refuse(
                "linux.namespaces",
                "a mount namespace that is there has a root of its own, not root.path")
        }
        if namespaces.contains(where: { $0.type == .user && $0.path == nil }),
            (linux.uidMappings ?? []).isEmpty || (linux.gidMappings ?? []).isEmpty
        {
            throw refuse(
                "linux.uidMappings", "a new user namespace needs uidMappings and gidMappings")
        }
        for path in (linux.maskedPaths ?? []) + (linux.readonlyPaths ?? []) where !isPath(path) {
            throw refuse("linux.maskedPaths and readonlyPaths", "\"\(path)\" is no path")
        }
        try Sysctls.check((linux.sysctl ?? [:]).keys, namespaces)
    }

    private static func validateDevices(_ linux: LinuxSpec) throws {
        for device in linux.devices ?? [] {
            guard device.path.isAbsolutePath, isPath(device.path) else {
                throw RuntimeFailure("linux.devices: \"\(device.path)\" is not absolute")
            }
            _ = try numbers(of: device)
            guard (device.fileMode ?? 0) <= 0o7777, isID(device.uid), isID(device.gid) else {
                throw RuntimeFailure(
                    "linux.devices: \(device.path): no mode, or no user or group, is like this")
            }
        }
        for rule in linux.resources?.devices ?? [] {
            guard ["a", "c", "b"].contains(rule.type ?? "a"),
                (-1...0xfff).contains(rule.major ?? -1), (-1...0xfffff).contains(rule.minor ?? -1),
                (rule.access ?? "rwm").utf8.allSatisfy({ "rwm".utf8.contains($0) })
            else {
                throw RuntimeFailure("linux.resources.devices: there are no such devices: \(rule)")
            }
        }
    }

    /// -1 is what chown(2), setuid(2) and their like take for "leave it as it is".
    private static func isID(_ id: UInt32?) -> Bool { id != .max }

    static func validate(_ process: ProcessSpec, in file: String) throws {
        guard let args = process.args, !args.isEmpty else {
            throw RuntimeFailure("\(file): process.args: at least the program's name is needed")
        }
        guard (process.apparmorProfile ?? "").isEmpty || Files.exists("/sys/module/apparmor") else {
            throw RuntimeFailure("\(file): process.apparmorProfile: this kernel has no AppArmor")
        }
        guard process.cwd.isAbsolutePath, isPath(process.cwd) else {
            throw RuntimeFailure("\(file): process.cwd: \"\(process.cwd)\" is not absolute")
        }
        let user = process.user ?? .init(uid: 0, gid: 0)
        guard ([user.uid, user.gid] + (user.additionalGids ?? [])).allSatisfy(isID) else {
            throw RuntimeFailure("\(file): process.user: \(UInt32.max) is nobody's id")
        }
        guard (user.umask ?? 0) <= 0o777 else {
            throw RuntimeFailure("\(file): process.user.umask: more than 0777")
        }
        for text in args + (process.env ?? []) where text.utf8.contains(0) {
            throw RuntimeFailure("\(file): process.args and env: a NUL in \"\(text)\"")
        }
        var names: Set<String> = []
        for limit in process.rlimits ?? [] where !names.insert(limit.type).inserted {
            throw RuntimeFailure("\(file): process.rlimits: \(limit.type) is there twice")
        }
    }
}
