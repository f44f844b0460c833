import JSON
import Linux
import Testing

@testable import PodRuntime

@Suite struct PodRuntimeTests {
    @Test func addressesGoRoundAndATakenOneIsPassedOver() {
        let block = CIDR("10.244.1.0/29")!
        func next(_ last: String?, _ taken: String...) -> String? {
            AddressPool.next(
                in: block, after: last.flatMap(CIDR.address),
                taken: Set(taken.compactMap(CIDR.address))
            ).map(CIDR.text)
        }
        #expect(block.gateway == "10.244.1.1")
        #expect(next(nil) == "10.244.1.2")
        #expect(next("10.244.1.2") == "10.244.1.3")
        #expect(next("10.244.1.2", "10.244.1.3", "10.244.1.4") == "10.244.1.5")
        #expect(next("10.244.1.6") == "10.244.1.2")
        #expect(
            next("10.244.1.4", "10.244.1.2", "10.244.1.3", "10.244.1.4", "10.244.1.5", "10.244.1.6")
                == nil)
    }

    @Test(arguments: ["10.244.1.0", "10.244.1.0/33", "10.244.1/24", "a.b.c.d/8", "", "1.2.3.4.5/8"])
    func whatIsNoBlockIsRefused(_ text: String) { #expect(CIDR(text) == nil) }

    @Test func anAddressSurvivesTheProcessThatGaveIt() throws {
        let directory = "/tmp/drydock-pool-\(getpid())"
        defer { try? Files.removeTree(directory) }
        let first = try AddressPool(directory: directory, block: CIDR("10.244.1.0/24")!)
        #expect(try first.allocate(for: "a") == "10.244.1.2")
        let second = try AddressPool(directory: directory, block: CIDR("10.244.1.0/24")!)
        #expect(try second.allocate(for: "b") == "10.244.1.3")
        try second.keep(only: ["b"])
        #expect(try Files.list(directory) == ["10.244.1.3", "last"])
    }

    /// NIO opens sockets without O_CLOEXEC, and a shim lives for as long as its container.
    @Test func aChildGetsTheDescriptorsThatAreNamedAndNoOthers() throws {
        let careless = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(careless) }
        let high = clinux_fcntl(careless, F_DUPFD, 200)
        defer { close(high) }
        let out = try Pipe()
        let child = try Child.spawn(
            "ls", ["ls", "/proc/self/fd"], descriptors: [1: out.write.raw, 9: careless])
        let said = String(decoding: try out.intoRead().readToEnd(), as: UTF8.self)
        #expect(try child.wait().succeeded)
        // The last but one, 3, is the directory that ls reads.
        #expect(said.split(separator: "\n") == ["0", "1", "2", "3", "9"])
    }

    @Test(
        arguments: [
            ("SIGPWR", 30), ("SIGRTMIN+3", 37), ("RTMIN+3", 37), ("RTMAX-1", 63), ("37", 37),
            ("sigterm", 15), ("KILL", 9), ("SIGRTMIN", 34),
        ] as [(String, Int32)])
    func aSignalHasManyNames(_ name: String, _ number: Int32) {
        #expect(SignalNames.number(of: name) == number)
    }

    @Test(arguments: [
        "", "SIG", "SIGNOPE", "65", "-1", "99999999999999999999", "RTMIN+", "RTMIN+31", "TERM+1",
    ])
    func whatIsNoSignalIsNone(_ name: String) { #expect(SignalNames.number(of: name) == nil) }

    @Test(arguments: [Int.min, -1, 0, 1, 3_000_000, Int(Int32.max), Int.max])
    func noNumberOfSecondsEndsAProgramThatWaits(_ seconds: Int) throws {
        let deadline = Deadline(afterSeconds: seconds)
        #expect(deadline.isOver == (seconds <= 0))
        let pipe = try Pipe()
        try pipe.write.write([1])
        #expect(deadline.poll(pipe.read.raw, for: POLLIN))
        #expect(seconds > 1 || !deadline.poll(pipe.write.raw, for: POLLIN))
    }

    @Test func droppingAllAndAddingOneLeavesOne() {
        let security = LinuxSecurity(
            addCapabilities: ["net_bind_service"], dropCapabilities: ["ALL"])
        #expect(OCIConfig.capabilities(security) == ["CAP_NET_BIND_SERVICE"])
        #expect(OCIConfig.capabilities(LinuxSecurity()).count == 14)
    }

    @Test func theDefaultFilterOpensWhatACapabilityIsFor() {
        func refused(_ capabilities: [String]) -> Set<String> {
            let rules = defaultSeccomp(capabilities: capabilities)["syscalls"]?.array ?? []
            return Set(rules.flatMap { $0["names"]?.array ?? [] }.compactMap(\.string))
        }
        let usual = refused(OCIConfig.standard)
        #expect(usual.isSuperset(of: ["mount", "reboot", "clone", "clone3", "keyctl", "bpf"]))
        let administrators = refused(OCIConfig.standard + ["CAP_SYS_ADMIN"])
        #expect(administrators.isDisjoint(with: ["mount", "clone", "clone3"]))
        #expect(administrators.isSuperset(of: ["reboot", "keyctl", "bpf"]))
    }

    @Test func runcsDecorationIsTakenOffItsComplaint() {
        let text = #"time="2026-01-01T00:00:00Z" level=error msg="exec: \"/x\": not found""#
        #expect(ShimRuntime.words(Array(text.utf8), else: "") == #"exec: "/x": not found"#)
        #expect(ShimRuntime.words(Array("shim: no\n".utf8), else: "") == "no")
        #expect(ShimRuntime.words([], else: "runtime exited") == "runtime exited")
    }

    @Test func interfaceNamesFollowFromTheAddressAndFitTheKernel() {
        #expect(PodNetwork.hostInterface("10.244.1.2") == "veth0af40102")
        #expect(PodNetwork.hardwareAddress("10.244.1.2") == "0a:58:0a:f4:01:02")
    }
}
