import Linux

/// A container's root file system: the image's layers below, a directory of its own on top.
public struct RootFilesystems: Sendable {
    /// The `overlay` program, which works out and makes the mount; nil mounts right here.
    public let program: String?

    public init(program: String?) { self.program = program }

    /// Mounts at `directory/rootfs`, writing into `directory/upper`.
    /// - Parameter layers: the topmost first.
    func mount(layers: [String], in directory: String) throws {
        for name in ["rootfs", "upper", "work"] {
            try Files.makeDirectories("\(directory)/\(name)")
        }
        let target = "\(directory)/rootfs"
        guard let program else {
            return try mountHere(layers, directory, target)
        }
        let lower = layers.map(Self.escaped).joined(separator: ":")
        let arguments = [
            program, "mount", "--lower", lower, "--upper", "\(directory)/upper",
            "--work", "\(directory)/work", "--target", target,
        ]
        let result = try capture(program, arguments)
        guard result.ending.succeeded else {
            let words = String(decoding: result.errors, as: UTF8.self)
            throw RuntimeFailure(
                "overlay mount \(target): \(words.isEmpty ? "\(result.ending)" : words)")
        }
    }

    private func mountHere(_ layers: [String], _ directory: String, _ target: String) throws {
        let lower = layers.map(Self.escaped).joined(separator: ":")
        let options = "lowerdir=\(lower),upperdir=\(directory)/upper,workdir=\(directory)/work"
        try check("mount overlay on \(target)") {
            CLinux.mount("overlay", target, "overlay", 0, options)
        }
    }

    /// A colon parts directories, so one in a name is written with a backslash.
    private static func escaped(_ layer: String) -> String {
        layer.flatMap { $0 == ":" || $0 == "\\" ? ["\\", $0] : [$0] }.map(String.init).joined()
    }

    func unmount(in directory: String) { unmountAll("\(directory)/rootfs") }
}
