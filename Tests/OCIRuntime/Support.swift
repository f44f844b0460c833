import JSON
import Linux
import Testing

@testable import OCIRuntime

/// Why the tests on the real kernel can't run here; nil where they can.
let whyNotReal: String? = {
    if geteuid() != 0 { return "making containers with cgroups takes root" }
    if busybox == nil { return "no static busybox is installed" }
    if !Files.exists(built("runtime")) { return "the runtime is not built" }
    return nil
}()

/// Whether this machine has version 2 of cgroups alone.
let isUnified = Files.exists("/sys/fs/cgroup/cgroup.controllers")

let busybox = ["/bin/busybox", "/usr/bin/busybox"].first(where: Files.exists)
let runc = ["/usr/sbin/runc", "/usr/bin/runc"].first(where: Files.exists)

/// A program of this package, which lies beside the test program.
func built(_ name: String) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(
        decoding: buffer[..<max(0, length)].map(UInt8.init(bitPattern:)), as: UTF8.self)
    let directory = own[..<(own.lastIndex(of: "/") ?? own.startIndex)]
    return "\(directory)/\(name)"
}

struct Outcome {
    let code: Int32
    let output: String
    let errors: String
}

/// A bundle with a busybox in it, and a place for the runtime's state. Nothing of it is left
/// afterwards.
final class Box {
    let directory: String
    let id: String
    var config: JSON
    private var started: [String] = []
    private static let counter = Counter()

    init(_ command: String..., edit: (inout JSON) -> Void = { _ in }) throws {
        id = "box-\(getpid())-\(Self.counter.next())"
        directory = "/tmp/drydock-\(id)"
        for name in ["bin", "proc", "dev", "sys", "tmp", "etc"] {
            try Files.makeDirectories("\(directory)/rootfs/\(name)")
        }
        if let busybox {
            try Files.writeAtomically(
                try Files.read(busybox), to: "\(directory)/rootfs/bin/busybox", mode: 0o755)
            for name in [
                "sh", "true", "cat", "sleep", "id", "grep", "readlink", "hostname", "kill", "ls",
            ] {
                symlink("busybox", "\(directory)/rootfs/bin/\(name)")
            }
        }
        config = defaultSpec
        config.set("process", "terminal", to: false)
        config.set("process", "args", to: .array(command.map { .string($0) }))
        edit(&config)
        try Files.write(config.text, to: "\(directory)/config.json")
    }

    deinit {
        _ = try? runtime("delete", "--force", id)
        try? Files.removeTree(directory)
    }

    /// Runs the runtime with this box's state directory.
    func runtime(_ words: String..., environment: [String] = []) throws -> Outcome {
        try start(environment, [built("runtime"), "--root", "\(directory)/state"] + words)
    }

    func run(_ environment: String...) throws -> Outcome {
        try runtime("run", "--bundle", directory, id, environment: environment)
    }

    /// Runs the same bundle with runc.
    func runWithRunc() throws -> Outcome {
        try start([], [runc!, "--root", "\(directory)/runc", "run", "--bundle", directory, id])
    }

    private func start(_ environment: [String], _ words: [String]) throws -> Outcome {
        let result = try capture("/usr/bin/env", ["env"] + environment + words)
        return Outcome(
            code: result.ending.code, output: String(decoding: result.output, as: UTF8.self),
            errors: String(decoding: result.errors, as: UTF8.self))
    }

    /// Creates the container, its own output going nowhere, and returns its process.
    func create() throws -> pid_t {
        let child = try Child.spawn(
            built("runtime"),
            [
                "runtime", "--root", "\(directory)/state", "create", "--bundle", directory,
                "--pid-file",
                "\(directory)/pid", id,
            ])
        try #require(try child.wait().succeeded)
        return try #require(pid_t(try Files.readText("\(directory)/pid")))
    }

    func status() throws -> String? {
        try JSON(parsing: try runtime("state", id).output)["status"]?.string
    }

    /// Waits until `holds`, at most five seconds.
    func wait(until holds: () throws -> Bool) throws {
        for _ in 0..<500 {
            if try holds() { return }
            usleep(10_000)
        }
        Issue.record("five seconds were not enough")
    }
}

/// Numbers for boxes that are made at the same time.
final class Counter: @unchecked Sendable {
    private let lock = Lock()
    private var value = 0
    func next() -> Int {
        lock.hold {
            value += 1
            return value
        }
    }
}

extension JSON {
    /// Sets a member two levels down.
    mutating func set(_ first: String, _ second: String, to value: JSON?) {
        var inner = self[first] ?? .object(JSONObject())
        inner[second] = value
        self[first] = inner
    }

    /// Puts a namespace into the list, in the place of one of its kind.
    mutating func setNamespace(_ kind: String, path: String? = nil) {
        var list = (at("linux", "namespaces")?.array ?? []).filter { $0["type"]?.string != kind }
        var entry: JSON = ["type": .string(kind)]
        if let path { entry["path"] = .string(path) }
        list.append(entry)
        set("linux", "namespaces", to: .array(list))
    }
}
