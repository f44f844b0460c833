import ContractControlGroups
import Linux

/// A cgroup hierarchy of either version in memory, with the kernel's rules (cgroups(7)): so that both versions
/// can be judged on a machine that has one.
final class FakeTree: Kernel {
    struct Group {
        var members: [Int] = []
        var handedOn: Set<String> = []
        var files: [String: String] = [:]
        /// To be frozen, and how many calls it takes until everybody stands still.
        var isToFreeze = false
        var freezing = 0
        var isFrozen: Bool { isToFreeze && freezing == 0 }
        /// Killed, but still there for so many calls.
        var dying: [Int: Int] = [:]
    }

    let version: ControlGroupVersion
    private(set) var groups: [String: Group]
    private(set) var calls: [KernelCall] = []
    /// The files that were set in the group when the caller entered it.
    private(set) var setAtEntry: [String: String]?
    /// A process of this group has a child at every call, unless it is frozen.
    var breeds: String?
    private(set) var bornAfterKill = false
    private let root: String
    private let controllers: Set<String>
    private let caller = 4711
    private var nextChild = 5000

    init(
        _ version: ControlGroupVersion, root: String, controllers: Set<String>, members: [Int] = []
    ) {
        (self.version, self.root, self.controllers) = (version, root, controllers)
        groups = [root: Group(members: members)]
    }

    /// Adds a group that is there already.
    func add(_ path: String, members: [Int]) { groups[path] = Group(members: members) }

    /// Which group a process is in.
    func home(of pid: Int) -> String? { groups.first { $0.value.members.contains(pid) }?.key }
    var callerHome: String? { home(of: caller) }

    func perform(_ call: KernelCall) throws(SystemError) -> KernelResult {
        calls.append(call)
        if calls.count > 300 { throw SystemError("\(call)", Errno(rawValue: ETIMEDOUT)) }
        defer { goOn() }
        switch call {
        case .mkdir(let path, _): try makeGroup(path, call)
        case .rmdir(let path): try removeGroup(path, call)
        case .readFile(let path): return .text(try read(path, call))
        case .writeFile(let path, let text): try write(path, text, call)
        // Every other signal may be caught.
        case .kill(let pid, SIGKILL): try kill(Int(pid), call)
        case .kill: break
        case .nanosleep: break
        default: throw SystemError("\(call)", .notPermitted)
        }
        return .nothing
    }

    /// Time passes with every call.
    private func goOn() {
        for path in groups.keys.sorted() {
            groups[path]!.freezing = max(0, groups[path]!.freezing - 1)
            for (pid, left) in groups[path]!.dying {
                groups[path]!.dying[pid] = left - 1
                if left <= 1, !(version == .v1 && groups[path]!.isFrozen) {
                    groups[path]!.dying[pid] = nil
                    groups[path]!.members.removeAll { $0 == pid }
                }
            }
        }
        guard let path = breeds, let group = groups[path], !group.isFrozen,
            group.members.contains(where: { group.dying[$0] == nil })
        else { return }
        groups[path]!.members.append(nextChild)
        nextChild += 1
    }

    private func split(_ path: String) -> (group: String, file: String) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private func makeGroup(_ path: String, _ call: KernelCall) throws(SystemError) {
        guard groups[split(path).group] != nil else { throw SystemError("\(call)", .noEntry) }
        guard groups[path] == nil else { throw SystemError("\(call)", .exists) }
        groups[path] = Group()
    }

    private func removeGroup(_ path: String, _ call: KernelCall) throws(SystemError) {
        guard let group = groups[path] else { throw SystemError("\(call)", .noEntry) }
        let hasChildren = groups.keys.contains { $0.hasPrefix(path + "/") }
        guard group.members.isEmpty, !hasChildren else { throw SystemError("\(call)", .busy) }
        groups[path] = nil
    }

    /// What the group's parent hands on to it.
    private func given(_ path: String) -> Set<String> {
        if version == .v1 || path == root { return controllers }
        return groups[split(path).group]?.handedOn ?? []
    }

    private func read(_ path: String, _ call: KernelCall) throws(SystemError) -> String {
        let (name, file) = split(path)
        guard let group = groups[name] else { throw SystemError("\(call)", .noEntry) }
        switch file {
        case "cgroup.procs": return group.members.map { "\($0)\n" }.joined()
        case "tasks" where version == .v1: return group.members.map { "\($0)\n" }.joined()
        case "cgroup.controllers" where version == .v2:
            return given(name).sorted().joined(separator: " ") + "\n"
        case "cgroup.subtree_control" where version == .v2:
            return group.handedOn.sorted().joined(separator: " ") + "\n"
        case "cgroup.events" where version == .v2:
            return "populated \(group.members.isEmpty ? 0 : 1)\nfrozen \(group.isFrozen ? 1 : 0)\n"
        case "freezer.state" where version == .v1:
            return group.isFrozen ? "FROZEN\n" : group.isToFreeze ? "FREEZING\n" : "THAWED\n"
        default:
            guard let text = group.files[file] else { throw SystemError("\(call)", .noEntry) }
            return text
        }
    }

    private func write(_ path: String, _ text: String, _ call: KernelCall) throws(SystemError) {
        let (name, file) = split(path)
        let text = String(text.filter { $0 != "\n" })
        guard groups[name] != nil else { throw SystemError("\(call)", .noEntry) }
        switch (file, version) {
        case ("cgroup.procs", _), ("tasks", .v1): try move(text, to: name, call)
        case ("cgroup.subtree_control", .v2): try handOn(text, name, call)
        case ("cgroup.freeze", .v2): freeze(name, text == "1")
        case ("freezer.state", .v1): freeze(name, text == "FROZEN")
        case ("cgroup.kill", .v2):
            for pid in groups[name]!.members { die(pid, in: name) }
        default:
            let controller = String(file.prefix { $0 != "." })
            guard given(name).contains(controller) else { throw SystemError("\(call)", .noEntry) }
            groups[name]!.files[file] = text
        }
    }

    private func move(_ text: String, to name: String, _ call: KernelCall) throws(SystemError) {
        guard let number = Int(text), number >= 0 else { throw SystemError("\(call)", .invalid) }
        // Who hands controllers on has no processes of its own.
        guard groups[name]!.handedOn.isEmpty else { throw SystemError("\(call)", .busy) }
        let pid = number == 0 ? caller : number
        if let old = home(of: pid) { groups[old]!.members.removeAll { $0 == pid } }
        groups[name]!.members.append(pid)
        if pid == caller, name != root { setAtEntry = groups[name]!.files }
    }

    private func handOn(_ text: String, _ name: String, _ call: KernelCall) throws(SystemError) {
        for word in text.split(separator: " ") {
            let controller = String(word.dropFirst())
            guard word.first == "+", given(name).contains(controller) else {
                throw SystemError("\(call)", word.first == "+" ? .noEntry : .invalid)
            }
            guard groups[name]!.members.isEmpty else { throw SystemError("\(call)", .busy) }
            groups[name]!.handedOn.insert(controller)
        }
    }

    private func freeze(_ name: String, _ isToFreeze: Bool) {
        // Who says it again does not begin again.
        if isToFreeze, groups[name]!.isToFreeze { return }
        groups[name]!.isToFreeze = isToFreeze
        groups[name]!.freezing = isToFreeze ? 4 : 0
    }

    private func kill(_ pid: Int, _ call: KernelCall) throws(SystemError) {
        guard let name = home(of: pid) else { throw SystemError("\(call)", .noProcess) }
        die(pid, in: name)
    }

    /// Who is killed twice does not die later for it.
    private func die(_ pid: Int, in name: String) {
        groups[name]!.dying[pid] = groups[name]!.dying[pid] ?? 4
    }
}
