import Linux

/// Makes a pod's network, IPC and UTS namespaces and pins each to a file, as CRI-O's `pinns` does.
///
/// A namespace lives as long as a process is in it or something is mounted from it. The bind mount
/// does here what a pause process does elsewhere, and needs no memory.
func pin(_ arguments: [String]) throws {
    var flags = try Flags(arguments)
    let directory = try flags.take("dir")
    let hostname = try flags.take("hostname")
    try flags.end()

    try check("unshare net, ipc and uts") {
        clinux_unshare(CLINUX_NEWNET | CLINUX_NEWIPC | CLINUX_NEWUTS)
    }
    try check("sethostname \(hostname)") { sethostname(hostname, hostname.utf8.count) }
    try Files.makeDirectories(directory)
    for name in ["net", "ipc", "uts"] {
        let file = "\(directory)/\(name)"
        try Files.write("", to: file)
        try check("mount --bind /proc/self/ns/\(name) \(file)") {
            mount("/proc/self/ns/\(name)", file, nil, UInt(MS_BIND), nil)
        }
    }
}
