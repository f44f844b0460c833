import ContractRuntime
import Linux

// What the steps of a container's process do.

extension ContainerProcess {
    func enterControlGroups() throws {
        for file in memberFiles {
            try check("enter cgroup") { write(file, "0", 1) }
            close(file)
        }
    }

    /// Until the parent has this process on record, and has written its id maps.
    func waitForParent() throws {
        var byte: UInt8 = 0
        let got = try check("wait for the runtime") { read(parentIsReady, &byte, 1) }
        guard got == 1 else { clinux_exit_now(1) }  // the parent failed, and has said so
    }

    func becomeRoot() throws {
        try waitForParent()
        // Groups can be dropped only where they may be set: not after `deny`.
        let groups = try kernel.readFile("/proc/self/setgroups")
        try Credentials.become(
            uid: 0, gid: 0, groups: groups.startsWithBytes(of: "deny") ? nil : [])
    }

    func setNames() throws {
        if let name = spec.hostname { try kernel.sethostname(name) }
        if let name = spec.domainname {
            try check("setdomainname \(name)") { setdomainname(name, name.utf8.count) }
        }
    }

    func enterRoot() throws {
        guard let root else { return }
        let rooted = RootedKernel(root)
        try parts.namespaces.enterRoot(root.setup, kernel: rooted)
        guard rooted.hasPivoted else {
            throw RuntimeFailure(
                "part 01 returned without pivot_root: the host's root is still there")
        }
        if let propagation = root.propagation { try kernel.mount(nil, "/", nil, propagation) }
    }

    func setSysctls() throws {
        let files = try ProcFiles()
        for (name, value) in (spec.linux?.sysctl ?? [:]).sorted(by: { $0.key < $1.key }) {
            try files.write(try Sysctls.path(name), value)
        }
    }

    func setOOMScore() throws {
        guard let score = process.oomScoreAdj else { return }
        do { try ProcFiles().write(procPath("self/oom_score_adj"), String(score)) } catch let error
            as SystemError
        {
            // Lower than it was takes privilege over the machine.
            guard isConfined, error.errno == .accessDenied else { throw error }
        }
    }

    /// A directory outside the root has no path in it: the kernel says so (getcwd(2)). One may be open
    /// in a descriptor that was handed on, and be named by /proc/self/fd (CVE-2024-21626).
    func changeDirectory() throws {
        try kernel.chdir(process.cwd)
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = try check("getcwd") { clinux_getcwd(&path, UInt(path.count)) }
        guard length > 1, path[0] == CChar(UInt8(ascii: "/")) else {
            throw RuntimeFailure("process.cwd: \(process.cwd) leads out of the container's root")
        }
    }

    func setUser() throws {
        let user = process.user ?? .init(uid: 0, gid: 0)
        if let names = process.capabilities {
            try Credentials.limitBounding(to: parts.runtime.capabilities(names).bounding)
        }
        if user.uid != 0 { giveStreams(to: user.uid) }
        try Credentials.keepCapabilities(true)
        try become(user)
        try Credentials.keepCapabilities(false)
        umask(user.umask ?? 0o022)
    }

    /// So that the program can open /dev/stdout and its like. Only what was made for this container is
    /// given to it, pipes and terminals: a file, or a device, is others' as well.
    private func giveStreams(to user: UInt32) {
        for descriptor: Int32 in 0...2 {
            var info = stat()
            guard fstat(descriptor, &info) == 0, info.type == S_IFIFO || isatty(descriptor) == 1
            else { continue }
            fchown(descriptor, user, gid_t.max)
        }
    }

    private func become(_ user: ProcessSpec.User) throws {
        let groups = user.additionalGids ?? []
        do {
            try Credentials.become(uid: user.uid, gid: user.gid, groups: groups)
        } catch {
            // Where setgroups(2) is denied, the groups are those of whoever made the user
            // namespace.
            guard isConfined, groups.isEmpty, error.errno == .notPermitted else { throw error }
            try Credentials.become(uid: user.uid, gid: user.gid, groups: nil)
        }
    }

    func setCapabilities() throws {
        guard let names = process.capabilities else { return }
        let sets = try parts.runtime.capabilities(names)
        // What this kernel does not know, or this process does not have, can't be given.
        let known = (UInt64(1) << UInt64(clinux_capability_last() + 1)) - 1
        try Credentials.setCapabilities(
            effective: sets.effective & known, permitted: sets.permitted & known,
            inheritable: sets.inheritable & known,
            // The kernel takes into the ambient set only what is permitted and inheritable.
            ambient: sets.ambient & sets.permitted & sets.inheritable & known)
    }
}

extension SetupStep {
    /// `makeRootReadOnly` as an error message has it: `make root read only`.
    var words: String {
        var words: [UInt8] = []
        func isUpper(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
        for (previous, letter) in zip([65] + Array(rawValue.utf8), rawValue.utf8) {
            if isUpper(letter), !isUpper(previous) { words.append(UInt8(ascii: " ")) }
            words.append(isUpper(letter) && !isUpper(previous) ? letter + 32 : letter)
        }
        return String(decoding: words, as: UTF8.self)
    }
}
