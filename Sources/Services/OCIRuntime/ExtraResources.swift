import ContractControlGroups
import JSON
import Linux

/// Limits of `linux.resources` beyond those that part 02 translates: each is a value in a file.
struct ExtraResources {
    /// One value, and the file for it in each version; nil where that version has none.
    private struct Limit {
        let member: String
        let controller: String
        let files: (v1: String?, v2: String?)
        let value: String
    }

    private var limits: [Limit] = []

    /// Nothing beyond.
    init() {}

    /// - Parameter json: `linux.resources`.
    /// - Throws: `RuntimeFailure` for a member that is not what it should be.
    init(_ json: JSON) throws {
        for plain in Self.plain {
            guard let value = json.at(plain.group, plain.member), value != .null else { continue }
            guard let number = value.int else {
                throw Self.bad("\(plain.group).\(plain.member)", "no number")
            }
            add("\(plain.group).\(plain.member)", plain.controller, plain.v1, plain.v2, "\(number)")
        }
        if json.at("memory", "disableOOMKiller")?.bool ?? false {
            add("memory.disableOOMKiller", "memory", "memory.oom_control", nil, "1")
        }
        try addThrottles(json)
        try addHugePages(json)
        try addUnified(json)
    }

    private static let plain:
        [(group: String, member: String, controller: String, v1: String?, v2: String?)] = [
            ("memory", "swappiness", "memory", "memory.swappiness", nil),
            ("memory", "kernelTCP", "memory", "memory.kmem.tcp.limit_in_bytes", nil),
            ("cpu", "realtimePeriod", "cpu", "cpu.rt_period_us", nil),
            ("cpu", "realtimeRuntime", "cpu", "cpu.rt_runtime_us", nil),
            ("cpu", "burst", "cpu", "cpu.cfs_burst_us", "cpu.max.burst"),
            ("cpu", "idle", "cpu", "cpu.idle", "cpu.idle"),
            ("blockIO", "weight", "blkio", "blkio.bfq.weight", "io.bfq.weight"),
        ]

    private mutating func addThrottles(_ json: JSON) throws {
        for (member, word) in [
            ("throttleReadIOPSDevice", "read"), ("throttleWriteIOPSDevice", "write"),
        ] {
            for entry in json.at("blockIO", member)?.array ?? [] {
                guard let major = entry["major"]?.int, let minor = entry["minor"]?.int,
                    let rate = entry["rate"]?.int
                else { throw Self.bad("blockIO.\(member)", "major, minor and rate are needed") }
                add(
                    "blockIO.\(member)", "blkio", "blkio.throttle.\(word)_iops_device", nil,
                    "\(major):\(minor) \(rate)")
                let unified = "\(major):\(minor) \(word == "read" ? "r" : "w")iops=\(rate)"
                add("blockIO.\(member)", "blkio", nil, "io.max", unified)
            }
        }
    }

    private mutating func addHugePages(_ json: JSON) throws {
        for entry in json["hugepageLimits"]?.array ?? [] {
            guard let size = entry["pageSize"]?.string, let limit = entry["limit"]?.int,
                !size.isEmpty,
                size.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) })
            else { throw Self.bad("hugepageLimits", "pageSize (such as 2MB) and limit are needed") }
            add(
                "hugepageLimits", "hugetlb", "hugetlb.\(size).limit_in_bytes",
                "hugetlb.\(size).max",
                "\(limit)")
        }
    }

    private mutating func addUnified(_ json: JSON) throws {
        for (name, value) in json["unified"]?.object ?? JSONObject() {
            guard let file = PathName(name), !file.isParent, !file.isSelf, let text = value.string
            else {
                throw Self.bad("unified", "\"\(name)\" is no file of a group, or its value no text")
            }
            add("unified", "", nil, "\(file)", text)
        }
    }

    private mutating func add(
        _ member: String, _ controller: String, _ v1: String?, _ v2: String?, _ value: String
    ) {
        limits.append(Limit(member: member, controller: controller, files: (v1, v2), value: value))
    }

    private static func bad(_ member: String, _ what: String) -> RuntimeFailure {
        RuntimeFailure("linux.resources.\(member): \(what)")
    }

    var isEmpty: Bool { limits.isEmpty }
    /// The controllers that are needed, as version 1 calls them.
    var controllers: [String] { limits.map(\.controller).filter { !$0.isEmpty } }

    /// Where each value goes, in these directories.
    /// - Throws: for a limit that none of them has a file for.
    func files(in directories: [ControlGroupDirectory]) throws -> [(path: String, value: String)] {
        var found: [(String, String)] = []
        for member in Set(limits.map(\.member)).sorted() {
            let files = limits.filter { $0.member == member }.flatMap { limit in
                directories.filter { $0.holds(limit.controller) }.compactMap { directory in
                    (directory.version == 2 ? limit.files.v2 : limit.files.v1)
                        .map { ("\(directory.path)/\($0)", limit.value) }
                }
            }
            guard !files.isEmpty else {
                throw Self.bad(member, "this machine's cgroups have no such limit")
            }
            found += files
        }
        return found
    }
}

extension ControlGroupDirectory {
    /// Whether the group's files of a controller are here; "" is any of version 2.
    fileprivate func holds(_ controller: String) -> Bool {
        if controller.isEmpty { return version == 2 }
        let name = version == 2 && controller == "blkio" ? "io" : controller
        return controllers.contains(name)
    }
}
