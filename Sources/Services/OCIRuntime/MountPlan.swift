import ContractRuntime
import Linux

/// What part 01 is asked to mount, and what the kit does besides.
struct RootPlan {
    var setup: RootSetup
    /// How the new root itself shares what is mounted in it, once the old one has gone: pivot_root(2) wants neither
    /// root shared.
    var propagation: MountFlags?
    /// Flags for a mount and all below it, in order.
    var recursive: [(RelativePath, MountOptions.RecursiveAttributes)] = []
    /// New file systems that should begin with what they cover.
    var copyUps: Set<RelativePath> = []
    /// `process.cwd`, which is made where it is missing.
    var workingDirectory = RelativePath()
}

/// From the specification's mounts to what part 01 is asked to mount.
struct MountPlan {
    let bundle: String
    let controlGroups: [ControlGroupDirectory]
    let hasNewControlGroupNamespace: Bool
    /// In a user namespace mknod(2) is refused, so the host's devices are bound.
    let bindsDevices: Bool

    func root(rootfs: String, _ spec: ContainerSpec) throws -> RootPlan {
        var plan = RootPlan(setup: RootSetup(rootfs: rootfs, propagation: [.slave, .recursive]))
        for (index, mount) in (spec.mounts ?? []).enumerated() {
            try add(mount, at: index, to: &plan)
        }
        if bindsDevices {
            plan.setup.mounts += defaultDevices.map {
                MountRequest(source: $0.path, target: $0.path, type: nil, flags: .bind)
            }
        }
        plan.workingDirectory = RelativePath(spec.process?.cwd ?? "/") ?? RelativePath()
        guard let name = spec.linux?.rootfsPropagation, !name.isEmpty else { return plan }
        guard let kind = MountOptions.propagation(named: name) else {
            throw RuntimeFailure(
                "linux.rootfsPropagation: \"\(name)\" is none of private, slave, shared, unbindable"
            )
        }
        if kind.contains(.private) || kind.contains(.unbindable) {
            plan.setup.propagation = [.private, .recursive]
        }
        plan.propagation = kind
        return plan
    }

    private func add(_ mount: MountSpec, at index: Int, to plan: inout RootPlan) throws {
        guard let path = RelativePath(mount.destination), !path.isEmpty else {
            throw RuntimeFailure(
                "mounts[\(index)].destination: \"\(mount.destination)\" is no place for a mount")
        }
        var mount = mount
        mount.destination = path.absolute
        let options = MountOptions(mount.options ?? [])
        plan.setup.mounts += try requests(for: mount, options, at: index)
        if let attributes = options.recursive { plan.recursive.append((path, attributes)) }
        if options.copiesUp { plan.copyUps.insert(path) }
    }

    private func requests(
        for mount: MountSpec, _ options: MountOptions, at index: Int
    ) throws -> [MountRequest] {
        if let option = options.rest.first(where: { ["idmap", "ridmap"].contains($0) }) {
            throw RuntimeFailure(
                "mounts[\(index)].options: \"\(option)\": mounts are not mapped to other users")
        }
        switch mount.type {
        case "cgroup", "cgroup2": return controlGroupMounts(mount, options)
        case let type where type == "bind" || options.flags.contains(.bind):
            return [try bind(mount, options, at: index)]
        default:
            let type = mount.type ?? "none"
            if options.copiesUp, type != "tmpfs" {
                throw RuntimeFailure("mounts[\(index)].options: tmpcopyup is for a tmpfs")
            }
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
        if let option = options.rest.first {
            throw RuntimeFailure(
                "mounts[\(index)].options: \"\(option)\" means nothing to a bind mount")
        }
        let path = source.isAbsolutePath ? source : "\(bundle)/\(source)"
        guard Files.exists(path) else {
            throw RuntimeFailure("mounts[\(index)].source: \(path) does not exist")
        }
        let propagation: MountFlags =
            options.propagation.isEmpty ? [.private, .recursive] : options.propagation
        return MountRequest(
            source: path, target: mount.destination, type: nil, flags: options.flags.union(.bind),
            propagation: propagation)
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
            let name = RelativePath(group.mountPoint)?.last.map { "\($0)" } ?? "cgroup"
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
