import ContractRuntime
import Linux

/// From the specification's mounts to what part 01 is asked to mount.
struct MountPlan {
    let bundle: String
    let controlGroups: [ControlGroupDirectory]
    let hasNewControlGroupNamespace: Bool
    /// In a user namespace mknod(2) is refused, so the host's devices are bound.
    let bindsDevices: Bool

    func setup(rootfs: String, _ spec: ContainerSpec) throws -> RootSetup {
        var mounts: [MountRequest] = []
        for (index, var mount) in (spec.mounts ?? []).enumerated() {
            while mount.destination.hasSuffix("/") { mount.destination.removeLast() }
            mounts += try requests(for: mount, at: index)
        }
        if bindsDevices {
            mounts += defaultDevices.map {
                MountRequest(source: $0.path, target: $0.path, type: nil, flags: .bind)
            }
        }
        var propagation: MountFlags = [.slave, .recursive]
        if let name = spec.linux?.rootfsPropagation, !name.isEmpty {
            guard let kind = MountOptions.propagation(named: name) else {
                throw RuntimeFailure(
                    "linux.rootfsPropagation: \"\(name)\" is none of private, slave, shared, unbindable"
                )
            }
            propagation = kind.union(.recursive)
        }
        return RootSetup(rootfs: rootfs, propagation: propagation, mounts: mounts)
    }

    private func requests(for mount: MountSpec, at index: Int) throws -> [MountRequest] {
        let options = MountOptions(mount.options ?? [])
        switch mount.type {
        case "cgroup", "cgroup2": return controlGroupMounts(mount, options)
        case let type where type == "bind" || options.flags.contains(.bind):
            return [try bind(mount, options, at: index)]
        default:
            let type = mount.type ?? "none"
            return [
                MountRequest(
                    source: mount.source ?? type, target: mount.destination, type: type,
                    flags: options.flags, propagation: options.propagation, data: options.data)
            ]
        }
    }

    private func bind(_ mount: MountSpec, _ options: MountOptions, at index: Int) throws
        -> MountRequest
    {
        guard let source = mount.source, !source.isEmpty else {
            throw RuntimeFailure("mounts[\(index)].source: a bind mount needs one")
        }
        let path = source.hasPrefix("/") ? source : "\(bundle)/\(source)"
        guard Files.exists(path) else {
            throw RuntimeFailure("mounts[\(index)].source: \(path) does not exist")
        }
        let propagation: MountFlags =
            options.propagation.isEmpty ? [.private, .recursive] : options.propagation
        return MountRequest(
            source: path, target: mount.destination, type: nil, flags: options.flags.union(.bind),
            propagation: propagation, data: options.data)
    }

    /// Version 2 is one mount. Version 1 is a directory of mounts, one a hierarchy, made read-only
    /// at the end.
    private func controlGroupMounts(_ mount: MountSpec, _ options: MountOptions) -> [MountRequest] {
        let target = mount.destination
        if let unified = controlGroups.first(where: { $0.version == 2 && $0.mountPoint == target })
        {
            return [one(unified, at: target, options.flags)]
        }
        let isReadOnly = options.flags.contains(.readOnly)
        let base = options.flags.subtracting(.readOnly)
        var requests = [
            MountRequest(
                source: "tmpfs", target: target, type: "tmpfs", flags: base, data: "mode=755")
        ]
        for group in controlGroups {
            let name = group.mountPoint.split(separator: "/").last.map(String.init) ?? "cgroup"
            requests.append(one(group, at: "\(target)/\(name)", options.flags))
        }
        if isReadOnly {
            requests.append(
                MountRequest(
                    source: nil, target: target, type: nil, flags: options.flags.union(.remount),
                    data: "mode=755"))
        }
        return requests
    }

    private func one(
        _ group: ControlGroupDirectory, at target: String, _ flags: MountFlags
    ) -> MountRequest {
        guard hasNewControlGroupNamespace else {
            return MountRequest(
                source: group.path, target: target, type: nil, flags: flags.union(.bind))
        }
        let isUnified = group.version == 2
        return MountRequest(
            source: "cgroup", target: target, type: isUnified ? "cgroup2" : "cgroup", flags: flags,
            data: isUnified ? nil : group.controllers.joined(separator: ","))
    }
}
