import Contract
import Linux

/// Whether this process is in the user namespace that the machine booted with.
///
/// In any other, root may make containers, but no device nodes, and may not always drop groups or
/// make itself harder to kill. The first namespace maps all ids to themselves: `0 0 4294967295`
/// (user_namespaces(7)).
func isInFirstUserNamespace() -> Bool {
    guard let map = try? Files.readText("/proc/self/uid_map") else { return true }
    return map.split { $0 == " " || $0 == "\n" } == ["0", "0", "4294967295"]
}
