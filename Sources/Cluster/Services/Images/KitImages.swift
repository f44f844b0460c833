import JSON
import Linux
import Snapshots

/// The kit's own images, the same bytes wherever and whenever they are built from the same
/// programs:
///
///     drydock/busybox:latest    base
///     drydock/web:v1, :v2, …    base + server + version: two layers are shared by all versions
public struct KitImages: Sendable {
    /// Paths of the programs that go in. Each must be a static executable.
    public var busybox: String
    public var web: String

    public init(busybox: String, web: String) {
        (self.busybox, self.web) = (busybox, web)
    }

    static let versions = ["v1", "v2", "v3-broken"]
    static let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    static let versionFile = "etc/web-version"

    /// Adds the images to the layout in `directory`; what else is in it stays.
    /// - Returns: their names.
    public func build(into directory: String) throws -> [String] {
        let writer = try LayoutWriter(directory: directory)
        let applets = try applets()
        let base = try writer.addLayer { try addBase(to: &$0, applets: applets) }
        let server = try writer.addLayer { try add(web, as: "bin/web", to: &$0) }
        let environment: JSON = [.string(Self.path)]
        var images = [
            LayoutWriter.Image(
                name: "drydock/busybox:latest", layers: [base],
                process: ["Env": environment, "Cmd": ["sh"], "WorkingDir": "/"])
        ]
        for version in Self.versions {
            let layer = try writer.addLayer {
                try $0.add(TarEntry("etc", .directory, mode: 0o755))
                try $0.add(TarEntry(Self.versionFile, .file), Array("\(version)\n".utf8))
            }
            images.append(
                .init(
                    name: "drydock/web:\(version)", layers: [base, server, layer],
                    process: [
                        "Env": environment, "WorkingDir": "/", "StopSignal": "SIGTERM",
                        "Entrypoint": [
                            "/bin/web", "--version-file", .string("/" + Self.versionFile),
                        ],
                        "ExposedPorts": ["8080/tcp": [:]],
                    ]))
        }
        try writer.add(images)
        return images.map(\.name)
    }

    private func applets() throws -> [String] {
        let (ending, output, _) = try capture(busybox, ["busybox", "--list"])
        guard ending.succeeded else {
            throw ImageError.malformed(
                "drydock/busybox", "\(busybox) --list \(ending): is it busybox?")
        }
        return String(decoding: output, as: UTF8.self).fields(at: "\n")
            .sorted()
    }

    private func addBase(to tar: inout TarWriter, applets: [String]) throws {
        for name in [
            "bin", "dev", "etc", "home", "proc", "root", "run", "sys", "usr", "usr/bin", "var",
        ] {
            try tar.add(TarEntry(name, .directory, mode: name == "root" ? 0o700 : 0o755))
        }
        try tar.add(TarEntry("tmp", .directory, mode: 0o1777))
        try add(busybox, as: "bin/busybox", to: &tar)
        for applet in applets where applet != "busybox" {
            try tar.add(TarEntry("bin/\(applet)", .symbolicLink(target: "busybox"), mode: 0o777))
        }
        let files = [
            (
                "etc/passwd",
                "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"
            ),
            ("etc/group", "root:x:0:\nnogroup:x:65534:\n"),
            ("etc/nsswitch.conf", "hosts: files dns\n"),
        ]
        for (path, text) in files { try tar.add(TarEntry(path, .file), Array(text.utf8)) }
    }

    private func add(_ program: String, as path: String, to tar: inout TarWriter) throws {
        let file = try FileDescriptor.open(program)
        var info = stat()
        try check("stat \(program)") { stat(program, &info) }
        if let parent = RelativePath(path)?.parent, !parent.isEmpty {
            try tar.add(TarEntry("\(parent)", .directory, mode: 0o755))
        }
        try tar.add(TarEntry(path, .file, mode: 0o755, size: Int(info.st_size)), from: file)
    }
}
