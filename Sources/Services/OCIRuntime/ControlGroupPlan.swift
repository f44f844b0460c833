import ContractControlGroups
import JSON
import Linux

/// Where the cgroups of one container will be, and what will be in their files, before any of it is made: so that it
/// can be written down first, and found again where the runtime is killed meanwhile.
struct ControlGroupPlan {
    struct Group {
        let hierarchy: Hierarchy
        /// From the hierarchy's root.
        let path: RelativePath

        var directory: ControlGroupDirectory {
            ControlGroupDirectory(
                mountPoint: hierarchy.mountPoint, path: hierarchy.mountPoint + path.absolute,
                version: hierarchy.version.rawValue, controllers: hierarchy.controllers)
        }
    }

    let groups: [Group]
    let resources: LinuxResources
    let extra: ExtraResources

    /// - Parameter path: `linux.cgroupsPath`; empty is as good as none.
    init(
        path: String?, id: String, resources: LinuxResources?,
        extra: ExtraResources = ExtraResources()
    ) throws {
        (self.resources, self.extra) = (resources ?? LinuxResources(), extra)
        let wanted = Self.controllers(for: self.resources) + extra.controllers
        groups = try Hierarchy.mounted().filter { hierarchy in
            wanted.contains { hierarchy.has($0) }
        }.map { hierarchy in
            if let path, !path.isEmpty {
                return Group(hierarchy: hierarchy, path: try Self.named(path))
            }
            guard let name = PathName(id) else {
                throw RuntimeFailure("\"\(id)\" is no name of a cgroup")
            }
            return Group(hierarchy: hierarchy, path: try hierarchy.birthplace() + name)
        }
    }

    /// The root of a hierarchy is everybody's: who put a container there would kill them all at its end.
    private static func named(_ path: String) throws -> RelativePath {
        guard let names = RelativePath(path), !names.isEmpty, !names.goesUp else {
            throw RuntimeFailure(
                "linux.cgroupsPath: \"\(path)\" is no group below the root of them all")
        }
        return names
    }

    /// Those whose counts are always of use, and those that the resources speak of. A container without a word about
    /// devices is kept from them.
    private static func controllers(for resources: LinuxResources) -> [String] {
        var names = ["cpu", "cpuacct", "memory", "pids", "devices"]
        if resources.cpu?.cpus != nil || resources.cpu?.mems != nil { names.append("cpuset") }
        if resources.blockIO != nil { names += ["blkio", "io"] }
        return names
    }

    /// Whether anything here would be missed if it were not enforced. Device rules are not counted:
    /// they are in every generated configuration.
    var setsLimits: Bool {
        resources.cpu?.quota != nil || resources.cpu?.shares != nil || resources.cpu?.cpus != nil
            || resources.cpu?.mems != nil || resources.memory?.limit != nil
            || resources.memory?.swap != nil || (resources.pids?.limit ?? 0) > 0
            || resources.blockIO != nil || !extra.isEmpty
    }
}

extension LinuxResources {
    var limitsSomething: Bool { cpu != nil || memory != nil || pids != nil || blockIO != nil }
}
