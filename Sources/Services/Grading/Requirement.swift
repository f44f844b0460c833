import Linux

/// Something of the machine that a check needs, looked for before student code runs.
public struct Requirement: Sendable {
    /// What is missing and what to do about it; nil where it is there.
    let lack: @Sendable (CheckOptions) -> String?

    public init(_ lack: @escaping @Sendable () -> String?) { self.lack = { _ in lack() } }
    /// For what depends on how the check was called.
    init(_ lack: @escaping @Sendable (CheckOptions) -> String?) { self.lack = lack }

    public static let root = Requirement {
        geteuid() == 0 ? nil : "this step needs root: run `sudo Labs/lab check …`"
    }

    /// A command of the system, by the Debian package that has it.
    public static func command(_ name: String, package: String) -> Requirement {
        Requirement {
            which(name) == nil ? "\(name) is not installed: apt-get install \(package)" : nil
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
}
