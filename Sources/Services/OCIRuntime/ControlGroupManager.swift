import ContractControlGroups
import Linux

/// Makes, fills, reads and removes the cgroups of one container.
public struct ControlGroupManager {
    /// Empty where no cgroup could be made.
    public private(set) var directories: [ControlGroupDirectory]
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
        let plan = try ControlGroupPlan(path: path, id: id, resources: resources)
        try self.init(plan, part)
    }

    init(_ plan: ControlGroupPlan, _ part: any ControlGroupsPart) throws {
        directories = []
        do {
            for group in plan.groups {
                try Self.make(group)
                directories.append(group.directory)
            }
        } catch let error as SystemError {
            remove()
            directories = []
            guard [.notPermitted, .accessDenied, .readOnly].contains(error.errno), !plan.setsLimits
            else {
                throw SystemError(
                    error.call, error.errno,
                    advice: "linux.resources asks for limits, and this cgroup can't be written")
            }
            complaint = "\(error): going on without cgroups"
            return
        } catch {
            remove()
            throw error
        }
        do { try apply(plan, part) } catch {
            remove()
            throw error
        }
    }

    /// A group that is there already is somebody's: at the container's end all in it would be killed.
    private static func make(_ group: ControlGroupPlan.Group) throws {
        let (hierarchy, directory) = (group.hierarchy, group.directory.path)
        if mkdir(directory, 0o755) == -1 {
            var errno = Errno.current
            if errno == .noEntry {
                try Files.makeDirectories(hierarchy.mountPoint + group.path.parent.absolute)
                errno = mkdir(directory, 0o755) == 0 ? Errno(rawValue: 0) : .current
            }
            if errno == .exists {
                throw RuntimeFailure(
                    "cgroup \(directory) exists already: remove it, or name another one in linux.cgroupsPath"
                )
            }
            if errno.rawValue != 0 { throw SystemError("mkdir \(directory)", errno) }
        }
        if hierarchy.version == .v2 || hierarchy.has("cpuset") {
            do { try prepare(group.path, in: hierarchy) } catch {
                rmdir(directory)
                throw error
            }
        }
    }

    /// On the way down, version 2 hands controllers on, and version 1's cpuset its processors and
    /// memory.
    private static func prepare(_ path: RelativePath, in hierarchy: Hierarchy) throws {
        var parent = hierarchy.mountPoint
        for name in path.names {
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

// MARK: Limits

extension ControlGroupManager {
    private func apply(_ plan: ControlGroupPlan, _ part: any ControlGroupsPart) throws {
        if plan.resources.limitsSomething { try write(plan.resources, part) }
        for (path, value) in try plan.extra.files(in: directories) {
            try RealKernel().writeFile(path, value)
        }
        try applyDevices(plan.resources.devices)
    }

    private func write(_ resources: LinuxResources, _ part: any ControlGroupsPart) throws {
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
    }

    /// Version 1 has a controller for devices; on version 2 it takes a program. Where nothing is said of devices, none
    /// but the harmless ones may be used.
    private func applyDevices(_ rules: [LinuxResources.DeviceRule]?) throws {
        let all = (rules ?? [.init(allow: false)]) + defaultDeviceRules
        do {
            if let directory = directories.first(where: { $0.controllers.contains("devices") }) {
                try write(all, to: directory)
            } else if let directory = directories.first(where: { $0.version == 2 }) {
                try Self.attach(DeviceProgram(all), to: directory.path)
            }
        } catch {
            // In a user namespace nobody may set rules, and nobody can make a device either.
            guard error.errno == .notPermitted, !isInFirstUserNamespace() else { throw error }
        }
    }

    private func write(
        _ rules: [LinuxResources.DeviceRule], to directory: ControlGroupDirectory
    ) throws(SystemError) {
        let allow = try FileDescriptor.open("\(directory.path)/devices.allow", O_WRONLY)
        let deny = try FileDescriptor.open("\(directory.path)/devices.deny", O_WRONLY)
        for rule in rules {
            do {
                if rule.allow { try allow.write(rule.text) } else { try deny.write(rule.text) }
            } catch {
                // Whoever is kept from some devices himself can allow no more than he has.
                guard error.errno == .notPermitted, rule.allow, rule.type ?? "a" == "a" else {
                    throw error
                }
            }
        }
    }

    static func attach(_ program: DeviceProgram, to path: String) throws(SystemError) {
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
