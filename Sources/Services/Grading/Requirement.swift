import Linux

/// Something of the machine that a check needs, looked for before student code runs.
public struct Requirement: Sendable {
    /// What is missing and what to do about it; nil where it is there.
    let lack: @Sendable () -> String?

    public init(_ lack: @escaping @Sendable () -> String?) { self.lack = lack }

    public static let root = Requirement {
        geteuid() == 0 ? nil : "this step needs root: run `sudo Labs/lab check …`"
    }

    /// A command of the system, by the Debian package that has it.
    public static func command(_ name: String, package: String) -> Requirement {
        Requirement {
            command(name) == nil ? "\(name) is not installed: apt-get install \(package)" : nil
        }
    }

    /// A cgroup controller, on v2 or v1.
    public static func controller(_ name: String) -> Requirement {
        Requirement {
            let listed = ["/sys/fs/cgroup/cgroup.controllers", "/proc/cgroups"].contains { path in
                (try? Files.readText(path))?.split { " \n\t".contains($0) }.contains(Substring(name))
                    ?? false
            }
            return listed
                ? nil : "this kernel has no \(name) controller: see `Labs/lab doctor`"
        }
    }

    /// The path of a command, as the shell would find it.
    public static func command(_ name: String) -> String? {
        let path = environmentVariable("PATH") ?? "/usr/bin:/bin"
        let directories = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        return directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
