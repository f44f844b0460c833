import CLinux

/// getenv(3); nil where the variable is not set or empty.
public func environmentVariable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}

/// The path of a command on `$PATH`, as the shell would find it, or in the directories for root's commands, which
/// an ordinary user's PATH leaves out; nil where there is none.
public func which(_ command: String) -> String? {
    let path = environmentVariable("PATH") ?? "/usr/bin:/bin"
    let directories = path.fields(at: ":") + ["/usr/sbin", "/sbin"]
    return directories.map { "\($0)/\(command)" }.first { access($0, X_OK) == 0 }
}
