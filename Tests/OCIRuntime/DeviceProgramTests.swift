import ContractControlGroups
import Linux
import Testing

@testable import OCIRuntime

private let unified = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].first {
    Files.exists("\($0)/cgroup.controllers")
}

/// The device rules of version 2, on the real kernel: also where version 2 is mounted without
/// controllers.
@Suite(
    .enabled(if: geteuid() == 0 && unified != nil, "takes root and a cgroup of version 2"),
    .serialized)
struct DeviceProgramTests {
    /// What a shell in a cgroup with these rules could open for reading.
    private func readable(_ rules: [LinuxResources.DeviceRule]) throws -> [String] {
        let group = "\(unified!)/drydock-devices-\(getpid())"
        try check("mkdir \(group)") { mkdir(group, 0o755) }
        defer { rmdir(group) }
        try ControlGroupManager.attach(DeviceProgram(rules), to: group)
        let script = """
            echo 0 > \(group)/cgroup.procs
            for name in null zero urandom; do true 2>&- < /dev/$name && echo $name; done
            true 2>&- > /dev/null && echo write null; true
            """
        let result = try capture("/bin/sh", ["sh", "-c", script])
        return String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(
            String.init)
    }

    private let none = LinuxResources.DeviceRule(allow: false, access: "rwm")

    @Test func withoutARuleEverythingIsAllowed() throws {
        #expect(try readable([]) == ["null", "zero", "urandom", "write null"])
    }

    @Test func aRuleForAllRefusesAll() throws { #expect(try readable([none]) == []) }

    @Test func aLaterRuleOverridesAnEarlierOne() throws {
        let null = LinuxResources.DeviceRule(
            allow: true, type: "c", major: 1, minor: 3, access: "r")
        let random = LinuxResources.DeviceRule(
            allow: true, type: "c", major: 1, minor: 9, access: "rwm")
        #expect(try readable([none, null, random]) == ["null", "urandom"])
        #expect(try readable([null, random, none]) == [])
    }

    @Test func aMinorNumberMayBeAny() throws {
        let memory = LinuxResources.DeviceRule(allow: true, type: "c", major: 1, access: "rw")
        #expect(try readable([none, memory]) == ["null", "zero", "urandom", "write null"])
        let blocks = LinuxResources.DeviceRule(allow: true, type: "b", major: 1, access: "rw")
        #expect(try readable([none, blocks]) == [])
    }
}
