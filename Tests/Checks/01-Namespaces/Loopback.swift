import ContractNamespaces
import Grading
import Linux

/// 01.6: the one interface of a new network namespace.
let loopbackIsUp = Check("01.6", requires: [.sandbox]) { bench in
    let part = RemoteNamespaces(bench.part)
    try Sandbox.run { _ in
        try bench.part.start()
        let process = try SandboxProcess(.newNetwork) { () throws -> Heard in
            let kernel = RealKernel()
            // Somebody has set a flag before: it is not the part's to clear.
            try kernel.setInterfaceFlags("lo", .multicast)
            try succeeds(
                "lo is brought up without an error",
                idea: { _ in
                    "A new network namespace has exactly one interface, and its name is lo."
                }
            ) { try part.raiseLoopback(kernel: kernel) }
            return Heard(
                flags: try kernel.getInterfaceFlags("lo"), answers: answersOnLoopback())
        }
        let heard = try process.value()
        try require(
            heard.flags.contains(.up), "lo is up (IFF_UP)", seen: "\(heard.flags)",
            idea: "lo is born down. Flags are read with SIOCGIFFLAGS and written with SIOCSIFFLAGS."
        )
        try require(
            heard.answers, "a connection to 127.0.0.1 is accepted", seen: "no connection",
            idea: "Only an interface that is up carries packets, lo too.")
        try require(
            heard.flags.contains(.multicast), "the flags that lo had before are still set",
            seen: "\(heard.flags): IFF_MULTICAST, set before, is gone",
            idea: "SIOCSIFFLAGS writes all flags at once. To change one: read, change, write.")
    }
}

private struct Heard: Codable {
    var flags: InterfaceFlags
    var answers: Bool
}

private func answersOnLoopback() -> Bool {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let (listener, caller) = (socket(AF_INET, kind, 0), socket(AF_INET, kind, 0))
    return clinux_listen(listener, "127.0.0.1", 4711) == 0
        && clinux_connect(caller, "127.0.0.1", 4711) == 0
}
