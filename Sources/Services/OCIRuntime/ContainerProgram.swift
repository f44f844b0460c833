import ContractRuntime
import Linux

extension ContainerProcess {
    /// Each name once, as it was set last.
    var environment: [String] {
        let environment = Environment(process.env ?? [])
        if environment["HOME"] != nil { return environment.entries }
        let home = "HOME=\(homeDirectory(of: process.user?.uid ?? 0))"
        return Environment(environment.entries + [home]).entries
    }

    /// As execvp(3) looks for it, in the container's own PATH.
    func findProgram() throws -> String {
        let name = process.args?.first ?? ""
        if name.utf8.contains(UInt8(ascii: "/")) {
            if access(name, X_OK) == 0 { return name }
            throw RuntimeFailure("exec: \"\(name)\": \(Errno.current)")
        }
        let path = Environment(process.env ?? [])["PATH"]
        for directory in (path ?? "/usr/local/bin:/usr/bin:/bin").fields(at: ":") {
            let candidate = "\(directory)/\(name)"
            if access(candidate, X_OK) == 0, !Files.isDirectory(candidate) { return candidate }
        }
        throw RuntimeFailure("exec: \"\(name)\": executable file not found in $PATH")
    }
}

/// The sixth field of the user's line in the container's /etc/passwd.
func homeDirectory(of uid: UInt32) -> String {
    let lines = ((try? Files.read("/etc/passwd")) ?? []).split(separator: UInt8(ascii: "\n"))
    for line in lines {
        let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard fields.count > 5, fields[2].elementsEqual(String(uid).utf8) else { continue }
        return String(decoding: fields[5], as: UTF8.self)
    }
    return "/"
}

/// A process's environment: the last of several values of one name counts.
struct Environment {
    /// `NAME=value`, in the order in which the names came first.
    private(set) var entries: [String] = []

    init(_ entries: [String]) {
        var places: [[UInt8]: Int] = [:]
        for entry in entries {
            let name = Self.name(entry)
            if let place = places[name] {
                self.entries[place] = entry
            } else {
                places[name] = self.entries.count
                self.entries.append(entry)
            }
        }
    }

    subscript(_ name: String) -> String? {
        entries.first { Self.name($0) == Array(name.utf8) && $0.utf8.count > name.utf8.count }
            .map { String(decoding: $0.utf8.dropFirst(name.utf8.count + 1), as: UTF8.self) }
    }

    private static func name(_ entry: String) -> [UInt8] {
        Array(entry.utf8.prefix { $0 != UInt8(ascii: "=") })
    }
}
