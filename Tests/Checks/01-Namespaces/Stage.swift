import ContractNamespaces
import Grading
import Linux

/// The scene for steps 01.4 and 01.5, built afresh: shared mounts, a root directory, a host's secret.
struct Stage {
    let directory: String
    var rootfs: String { "\(directory)/root" }
    /// A file that the container must not be able to reach.
    var secret: String { "\(directory)/secret" }
    /// A directory of the host, with a mount below it.
    var config: String { "\(directory)/config" }

    init(_ sandbox: Sandbox) throws {
        directory = sandbox.directory
        for name in ["late", "proc", "data", "ro", "rw"] {
            try Files.makeDirectories("\(rootfs)/\(name)")
        }
        try Files.makeDirectories("\(config)/below")
        try Files.write("", to: "\(rootfs)/inside")
        try Files.write("", to: "\(rootfs)/hosts")
        try Files.write("", to: secret)
        try Files.write("127.0.0.1 localhost\n", to: "\(config)/hosts")
        let kernel = RealKernel()
        try kernel.mount("tmpfs", "\(config)/below", "tmpfs", [])
        // An image's volume, which is there before the container is.
        try Files.makeDirectories("\(rootfs)/volume")
        try kernel.mount("tmpfs", "\(rootfs)/volume", "tmpfs", [])
        // As systemd leaves a machine: every mount shared. These are the sandbox's own.
        try kernel.mount("none", "/", nil, [.recursive, .shared])
    }
}
