import ContractControlGroups
import Linux

/// Makes, fills, reads and removes the cgroups of one container.
public struct ControlGroupManager {
    /// Empty where no cgroup could be made.
    public let directories: [ControlGroupDirectory]
    /// Why there are none, for the log.
    public private(set) var complaint: String?

    init(directories: [ControlGroupDirectory]) { self.directories = directories }

    /// Makes the directories and writes the limits.
    ///
    /// Where the hierarchies can't be written the container goes without, unless limits were asked
    /// for.
    /// - Parameter path: below each hierarchy's mount point; nil for `id` at `Hierarchy.birthplace`.
    public init(
        path: String?, id: String, resources: LinuxResources?, part: any ControlGroupsPart
    ) throws {
        let resources = resources ?? LinuxResources()
        let wanted = Self.controllers(for: resources)
        let hierarchies = try Hierarchy.mounted().filter { hierarchy in
            wanted.contains { hierarchy.has($0) }
        }
        do {
            directories = try hierarchies.map { try Self.make($0, path: path, id: id) }
        } catch let error as SystemError {
            guard [.notPermitted, .accessDenied, .readOnly].contains(error.errno),
                !resources.setsLimits
            else {
                throw SystemError(
                    error.call, error.errno,
                    advice: "linux.resources asks for limits, and this cgroup can't be written")
            }
            (directories, complaint) = ([], "\(error): going on without cgroups")
            return
        }
        do { try apply(resources, part) } catch {
            remove()
            throw error
        }
    }

    /// Those whose counts are always of use, and those that the resources speak of.
    private static func controllers(for resources: LinuxResources) -> [String] {
        var names = ["cpu", "cpuacct", "memory", "pids"]
        if resources.cpu?.cpus != nil || resources.cpu?.mems != nil { names.append("cpuset") }
        if !(resources.devices ?? []).isEmpty { names.append("devices") }
        if resources.blockIO != nil { names += ["blkio", "io"] }
        return names
    }

    private static func make(
        _ hierarchy: Hierarchy, path: String?, id: String
    ) throws -> ControlGroupDirectory {
        let relative = try path ?? hierarchy.birthplace() + "/" + id
        let directory = hierarchy.mountPoint + (relative.hasPrefix("/") ? relative : "/" + relative)
        if mkdir(directory, 0o755) == -1 {
            let errno = Errno.current
            switch errno {
            case .exists: break
            case .noEntry: try makeParents(of: relative, in: hierarchy)
            default: throw SystemError("mkdir \(directory)", errno)
            }
        }
        if hierarchy.version == .v2 || hierarchy.has("cpuset") {
            try prepare(relative, in: hierarchy)
        }
        return ControlGroupDirectory(
            mountPoint: hierarchy.mountPoint, path: directory, version: hierarchy.version.rawValue,
            controllers: hierarchy.controllers)
    }

    private static func makeParents(of relative: String, in hierarchy: Hierarchy) throws {
        try Files.makeDirectories(hierarchy.mountPoint + "/" + relative)
    }

    /// On the way down, version 2 hands controllers on, and version 1's cpuset its processors and
    /// memory.
    private static func prepare(_ relative: String, in hierarchy: Hierarchy) throws {
        var parent = hierarchy.mountPoint
        for name in relative.split(separator: "/") {
            let child = "\(parent)/\(name)"
            if hierarchy.version == .v2 {
                guard Hierarchy.mayHandOn(parent) else {
                    parent = child
                    continue
                }
                for controller in ["cpu", "memory", "pids", "cpuset", "io"]
                where hierarchy.has(controller) {
                    try? RealKernel().writeFile(
                        "\(parent)/cgroup.subtree_control", "+\(controller)")
                }
            } else {
                for file in ["cpuset.cpus", "cpuset.mems"] {
                    let own = try Files.readText("\(child)/\(file)")
                    if own != "\n" && !own.isEmpty { continue }
                    try RealKernel().writeFile(
                        "\(child)/\(file)", try Files.readText("\(parent)/\(file)"))
                }
            }
            parent = child
        }
    }
}

extension Errno {
    fileprivate static let readOnly = Errno(rawValue: EROFS)
}

extension LinuxResources {
    fileprivate var limitsSomething: Bool {
        cpu != nil || memory != nil || pids != nil || blockIO != nil
    }

    /// Whether anything here would be missed if it were not enforced. Device rules are not counted:
    /// they are in every generated configuration.
    fileprivate var setsLimits: Bool {
        cpu?.quota != nil || cpu?.shares != nil || cpu?.cpus != nil || cpu?.mems != nil
            || memory?.limit != nil || memory?.swap != nil || (pids?.limit ?? 0) > 0
            || blockIO != nil
    }
}

// MARK: Limits

extension ControlGroupManager {
    func apply(_ resources: LinuxResources, _ part: any ControlGroupsPart) throws {
        guard resources.limitsSomething else {
            return try applyDevices(resources.devices ?? [])
        }
        for version in [ControlGroupVersion.v1, .v2] {
            let here = directories.filter { $0.version == version.rawValue }
            if here.isEmpty { continue }
            for file in try part.controlFiles(ControlFilesRequest(resources, version: version)) {
                guard
                    let directory = here.first(where: { $0.controllers.contains(file.controller) })
                else {
                    if directories.contains(where: { $0.controllers.contains(file.controller) }) {
                        continue
                    }
                    throw RuntimeFailure(
                        "linux.resources: no \(file.controller) cgroup controller is mounted for \(file.name)"
                    )
                }
                try RealKernel().writeFile("\(directory.path)/\(file.name)", file.value)
            }
        }
        try applyDevices(resources.devices ?? [])
    }

    /// Version 1 has a controller for devices; on version 2 it takes a program.
    private func applyDevices(_ rules: [LinuxResources.DeviceRule]) throws {
        if rules.isEmpty { return }
        let all = rules + defaultDeviceRules
        if let directory = directories.first(where: { $0.controllers.contains("devices") }) {
            try write(all, to: directory)
        } else if let directory = directories.first(where: { $0.version == 2 }) {
            try Self.attach(DeviceProgram(all), to: directory.path)
        }
    }

    private func write(
        _ rules: [LinuxResources.DeviceRule], to directory: ControlGroupDirectory
    ) throws {
        let allow = try FileDescriptor.open("\(directory.path)/devices.allow", O_WRONLY)
        let deny = try FileDescriptor.open("\(directory.path)/devices.deny", O_WRONLY)
        for rule in rules {
            if rule.allow { try allow.write(rule.text) } else { try deny.write(rule.text) }
        }
    }

    static func attach(_ program: DeviceProgram, to path: String) throws {
        let group = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
        let raw = group.raw
        try check("attach a device program to \(path)") {
            clinux_attach_device_program(
                raw, program.instructions, UInt32(program.instructions.count))
        }
    }
}

/// What every container may use: as in runc.
private let defaultDeviceRules: [LinuxResources.DeviceRule] = [
    .init(allow: true, type: "c", access: "m"), .init(allow: true, type: "b", access: "m"),
    .init(allow: true, type: "c", major: 1, minor: 3, access: "rwm"),
    .init(allow: true, type: "c", major: 1, minor: 5, access: "rwm"),
    .init(allow: true, type: "c", major: 1, minor: 7, access: "rwm"),
    .init(allow: true, type: "c", major: 1, minor: 8, access: "rwm"),
    .init(allow: true, type: "c", major: 1, minor: 9, access: "rwm"),
    .init(allow: true, type: "c", major: 5, minor: 0, access: "rwm"),
    .init(allow: true, type: "c", major: 5, minor: 2, access: "rwm"),
    .init(allow: true, type: "c", major: 136, access: "rwm"),
]

extension LinuxResources.DeviceRule {
    /// `c 1:3 rwm`
    fileprivate var text: [UInt8] {
        func number(_ value: Int?) -> String { value.map { $0 < 0 ? "*" : String($0) } ?? "*" }
        if type ?? "a" == "a" { return Array("a".utf8) }
        return Array("\(type!) \(number(major)):\(number(minor)) \(access ?? "rwm")".utf8)
    }
}
