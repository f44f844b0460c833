import ContractNamespaces
import Linux
import PartPipe
import SolutionNamespaces

let help = """
    namespaces: what a process sees of the machine.

      namespaces show [PID]               its namespaces, and which of them differ from ours
      namespaces flags KIND…              the flags that part 01 would clone a process with
      namespaces plan ROOTFS              the calls with which part 01 would enter a root; does nothing
      namespaces try KIND… [--root DIR] [--init] -- COMMAND…
                                          runs a command in new namespaces, and prints the calls;
                                          with --init below a process 1 that reaps
      namespaces isolate KIND… -- COMMAND…
                                          the same by unshare and fork instead of clone
      namespaces join PID KIND… -- COMMAND…
                                          runs a command in namespaces of another process
      namespaces part                     answers lab 01's questions on descriptor 3, as part-01 does

    KIND is one of user pid network mount ipc uts cgroup.

    Examples:

      namespaces show 1
      namespaces try uts pid mount -- sh -c 'hostname inside; hostname; echo I am $$'
      namespaces join 4711 network -- ip addr

    With DRYDOCK_PART_01=/path/to/part-01 your own part is asked.
    """

struct Usage: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = "\(description); see namespaces --help" }
}

func complain(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(2, line, line.count)
}

/// The reference, or the part that the environment names.
func chosenPart() -> any NamespacesPart {
    guard let student = StudentPart(lab: "01") else { return Namespaces() }
    complain("namespaces: lab 01 is answered by \(student.path)")
    return RemoteNamespaces(student)
}

func run(_ arguments: [String]) throws {
    let rest = Array(arguments.dropFirst())
    switch arguments.first {
    case "show": try show(rest.first.map { try number($0) } ?? getpid())
    case "flags":
        print(try chosenPart().cloneFlags(try rest.map(kind).map { NamespaceRequest($0) }))
    case "plan": try plan(rest)
    case "try": exit(try tryOut(rest))
    case "isolate": exit(try isolate(rest))
    case "join": exit(try join(rest))
    case "part": serve(Namespaces())
    case "--help", "-h", "help": print(help)
    case nil:
        print(help)
        exit(2)
    case let word?: throw Usage("unknown command \"\(word)\"")
    }
}

func kind(_ word: String) throws -> NamespaceKind {
    guard let kind = NamespaceKind(rawValue: word) else {
        throw Usage("\"\(word)\" is no kind of namespace")
    }
    return kind
}

func number(_ word: String) throws -> pid_t {
    guard let pid = pid_t(word), pid > 0 else { throw Usage("\"\(word)\" is no process id") }
    return pid
}

/// The words before and after `--`.
func split(_ words: [String]) throws -> (before: [String], command: [String]) {
    guard let dashes = words.firstIndex(of: "--"), dashes + 1 < words.count else {
        throw Usage("a command is needed, after --")
    }
    return (Array(words[..<dashes]), Array(words[(dashes + 1)...]))
}

// MARK: Looking

/// The name of a kind's file in /proc/PID/ns.
func fileName(_ kind: NamespaceKind) -> String {
    switch kind {
    case .network: "net"
    case .mount: "mnt"
    default: kind.rawValue
    }
}

func show(_ pid: pid_t) throws {
    guard Files.exists("/proc/\(pid)") else { throw SystemError("process \(pid)", .noProcess) }
    for kind in NamespaceKind.allCases {
        let theirs = try link("/proc/\(pid)/ns/\(fileName(kind))")
        let ours = try link("/proc/self/ns/\(fileName(kind))")
        let padding = String(repeating: " ", count: 9 - kind.rawValue.count)
        let remark = theirs == ours ? "" : "   not ours, which is \(ours)"
        print("\(kind.rawValue)\(padding)\(theirs)\(remark)")
    }
}

func link(_ path: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let length = try check("readlink \(path)") { readlink(path, &buffer, buffer.count) }
    return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
}

func plan(_ words: [String]) throws {
    guard let rootfs = words.first, rootfs.hasPrefix("/") else {
        throw Usage("an absolute ROOTFS is needed")
    }
    let kernel = RecordingKernel()
    // Also what was called before the part threw: half an answer is what a half-written part has.
    defer { for call in kernel.calls { print(call) } }
    try chosenPart().enterRoot(RootSetup(rootfs: rootfs, mounts: [procMount]), kernel: kernel)
}

let procMount = MountRequest(
    source: "proc", target: "/proc", type: "proc", flags: [.noSUID, .noDevices, .noExecute])
