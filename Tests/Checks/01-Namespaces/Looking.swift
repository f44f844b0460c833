import ContractNamespaces
import Grading
import Linux

/// What the kernel says about a process, read from outside.
struct Look {
    let pid: pid_t

    /// `net:[4026531840]`: two processes are in one namespace when these are the same.
    func namespace(_ kind: NamespaceKind, _ suffix: String = "") throws -> String {
        try link("/proc/\(pid)/ns/\(Look.fileName(kind))\(suffix)")
    }

    static func fileName(_ kind: NamespaceKind) -> String {
        switch kind {
        case .network: "net"
        case .mount: "mnt"
        default: kind.rawValue
        }
    }

    /// A line of /proc/PID/status: its words after the name.
    func status(_ name: String) -> [String] {
        for line in ((try? Files.readText("/proc/\(pid)/status")) ?? "").split(separator: "\n") {
            let words = line.split { $0 == "\t" || $0 == " " }.map(String.init)
            if words.first == "\(name):" { return Array(words.dropFirst()) }
        }
        return []
    }

    /// The file system mounts that the process can reach, as it calls them.
    func mounts() throws -> [Mount] {
        try Files.readText("/proc/\(pid)/mountinfo").split(separator: "\n").map(Mount.init)
    }
}

/// A line of mountinfo (proc_pid_mountinfo(5)).
struct Mount: Codable, Hashable {
    let point: String
    let options: [String]
    /// `shared:4`, `master:4`; none for a private mount.
    let propagation: [String]
    let type: String
    let source: String
    /// What the file system itself was told.
    let superOptions: [String]

    init(_ line: Substring) {
        let halves = line.split(separator: " ").map(String.init)
        let dash = halves.firstIndex(of: "-") ?? halves.count
        point = halves.count > 4 ? halves[4] : ""
        options = halves.count > 5 ? halves[5].split(separator: ",").map(String.init) : []
        propagation = Array(halves[min(6, dash)..<dash])
        type = dash + 1 < halves.count ? halves[dash + 1] : ""
        source = dash + 2 < halves.count ? halves[dash + 2] : ""
        superOptions =
            dash + 3 < halves.count ? halves[dash + 3].split(separator: ",").map(String.init) : []
    }
}

func link(_ path: String) throws -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let length = try check("readlink \(path)") { readlink(path, &buffer, buffer.count) }
    return String(decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// Has the part do something that has to succeed: an error that it throws is a failure with a reason.
func succeeds<Value>(
    _ claim: String, idea: (String) -> String, _ body: () throws -> Value
) throws -> Value {
    do { return try body() } catch PartFailure.threw(let text) {
        throw Failed(claim, expected: "no error", seen: text, idea: idea(text))
    }
}

/// Waits for something that the kernel does in its own time, within two seconds.
func eventually(_ condition: () -> Bool) -> Bool {
    Linux.eventually(within: 2000, every: 2, condition)
}
