import ContractRuntime
import Linux

/// Starts the container's process and follows it until it is ready, or has become its program.
struct Launch {
    let parts: RuntimeParts
    let spec: ContainerSpec
    let process: ProcessSpec
    let root: RootPlan?
    let controlGroups: [ControlGroupDirectory]
    /// The container is in a user namespace other than the machine's first.
    var isConfined = false
    /// A FIFO to wait at, or nil to go on at once.
    var startGate: Int32?
    var consoleSocket: Int32?
    /// Descriptors from 3 on that the program is to inherit.
    var preservedDescriptors: UInt32 = 0

    private let kernel = RealKernel()

    init(
        parts: RuntimeParts, spec: ContainerSpec, process: ProcessSpec, root: RootPlan?,
        controlGroups: [ControlGroupDirectory]
    ) {
        (self.parts, self.spec, self.process) = (parts, spec, process)
        (self.root, self.controlGroups) = (root, controlGroups)
    }

    private var namespaces: [NamespaceRequest] { spec.linux?.namespaces ?? [] }

    /// - Parameter started: called with the process's id as soon as there is one, while it sets
    ///   itself up.
    /// - Returns: its id, once it waits at the gate or has become its program.
    /// - Throws: what failed, here or in the process, which is gone then.
    func run(started: (pid_t) throws -> Void) throws -> pid_t {
        let steps = try parts.runtime.steps(for: spec)
        let flags = try parts.namespaces.cloneFlags(namespaces)
        let report = try Pipe()
        let gate = try Pipe()
        let members = try controlGroups.map {
            try FileDescriptor.open($0.membersFile, O_WRONLY).release()
        }
        defer { for file in members { close(file) } }
        try enterBirthplace()
        let pid = try start(steps, flags, members, report, gate)
        do {
            try started(pid)
            if flags.contains(.newUser) { try mapIDs(of: pid) }
            try gate.write.write([1])
            try follow(report.intoRead())
        } catch {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw error
        }
        return pid
    }

    /// A PID namespace takes in only children, so the parent joins it; a user namespace comes
    /// before that.
    private func enterBirthplace() throws {
        let requests = namespaces.filter { $0.path != nil && ($0.type == .pid || $0.type == .user) }
        if !requests.isEmpty { try parts.namespaces.join(requests, kernel: kernel) }
    }

    /// A process in a new user namespace is nobody until its maps are written from outside.
    private func mapIDs(of pid: pid_t) throws {
        let linux = spec.linux
        try parts.namespaces.mapIDs(
            IDMapRequest(
                pid: pid, uids: linux?.uidMappings ?? [], gids: linux?.gidMappings ?? [],
                privileged: geteuid() == 0),
            kernel: kernel)
    }

    private func start(
        _ steps: [SetupStep], _ flags: CloneFlags, _ members: [Int32], _ report: borrowing Pipe,
        _ gate: borrowing Pipe
    ) throws -> pid_t {
        // Its cgroup namespace is to begin at the container's cgroup, which the process enters by
        // itself.
        let atBirth = flags.subtracting(.newCgroup)
        let pid = try check("clone a process with new namespaces \(atBirth)") {
            clinux_clone(UInt64(UInt32(bitPattern: atBirth.rawValue)))
        }
        if pid > 0 { return pid }
        ContainerProcess(
            spec: spec, process: process, parts: parts, steps: steps, root: root,
            memberFiles: members, report: report.write.raw, parentIsReady: gate.read.raw,
            parentEnds: [report.read.raw, gate.write.raw], startGate: startGate,
            consoleSocket: consoleSocket, isConfined: isConfined,
            firstPrivateDescriptor: 3 + preservedDescriptors
        ).run()
    }

    /// Reads what the process says of itself: `R` at the gate, the end of the pipe at its exec, or
    /// an error.
    private func follow(_ report: consuming FileDescriptor) throws {
        var words: [UInt8] = []
        while true {
            let chunk = try report.read(upTo: 4096)
            if chunk.isEmpty { break }
            words += chunk
            if words.first == UInt8(ascii: "R"), startGate != nil { return }
        }
        if words.isEmpty {
            if startGate == nil { return }
            throw RuntimeFailure("the container's process was killed while it was set up")
        }
        throw RuntimeFailure(String(decoding: words.dropFirst(), as: UTF8.self))
    }
}
