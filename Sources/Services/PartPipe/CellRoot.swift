import Linux

/// The root directory of a cell: what a program needs to start, and a little room to write.
enum CellRoot {
    /// Where the new root is put together: there on every machine, and seen by nobody else.
    private static let place = "/tmp"
    /// What is as it is outside: links (`/bin` to `usr/bin`) stay links.
    private static let shown = [
        "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/dev/null",
        "/dev/zero", "/dev/urandom", "/dev/random",
    ]

    /// Makes it the root of the calling process, which is the first in namespaces of its own.
    static func enter() throws {
        let kernel = RealKernel()
        let library = try swiftLibrary()
        try kernel.mount("none", "/", nil, [.recursive, .private])
        // Held open, since what lies below the place is covered from now on.
        let held = library.flatMap { clinux_open($0, CLINUX_PATH | O_CLOEXEC, 0) }
        try kernel.mount("tmpfs", place, "tmpfs", [.noSUID], "mode=755,size=16m,nr_inodes=4096")
        for path in shown where Files.exists(path) { try show(path, kernel) }
        if let library, let held {
            try show("/proc/self/fd/\(held)", as: library, kernel)
            close(held)
        }
        try Files.makeDirectories("\(place)/proc")
        // Where another proc hides something, an ordinary user gets none: an empty directory serves too.
        try? kernel.mount("proc", "\(place)/proc", "proc", [.noSUID, .noDevices, .noExecute])
        try Files.makeDirectories("\(place)/tmp")
        chmod("\(place)/tmp", 0o1777)
        try kernel.chdir(place)
        try kernel.pivotRoot(".", ".")
        try kernel.umount2(".", .detach)
        try kernel.chdir("/tmp")
    }

    private static func show(_ path: String, _ kernel: RealKernel) throws {
        if let target = Files.linkTarget(path) { return try kernel.symlink(target, place + path) }
        try show(path, as: path, kernel)
    }

    private static func show(_ source: String, as path: String, _ kernel: RealKernel) throws {
        let target = place + path
        var status = stat()
        guard stat(source, &status) == 0 else { return }
        if Int32(status.st_mode) & S_IFMT == S_IFDIR {
            try Files.makeDirectories(target)
        } else {
            try Files.makeDirectories(
                target.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })
            try Files.write("", to: target)
        }
        try kernel.mount(source, target, nil, [.bind, .recursive])
    }

    /// The folder of Swift's own libraries, where it is not below /usr: the judge runs with the same.
    private static func swiftLibrary() throws -> String? {
        let maps = try Files.readText("/proc/self/maps")
        guard
            let line = maps.split(separator: "\n").first(where: { $0.hasSuffix("/libswiftCore.so") }
            ),
            let start = line.firstIndex(of: "/")
        else { return nil }
        let folder = line[start...].dropLast("/libswiftCore.so".count)
        return folder.hasPrefix("/usr/") ? nil : String(folder)
    }
}
