import Linux

/// Builds the kit's programs with SwiftPM, showing one line of progress.
public struct Build {
    package let layout: Layout
    let terminal: Terminal

    public init(_ layout: Layout, _ terminal: Terminal) {
        (self.layout, self.terminal) = (layout, terminal)
    }

    /// Builds what is out of date, in both packages.
    ///
    /// With `DRYDOCK_BUILD=no` nothing is built, whatever its age: for a copy of the kit that came with its
    /// programs, on a machine that can't build them.
    public func all(parts: [String] = []) throws {
        if environmentVariable("DRYDOCK_BUILD") == "no" { return }
        let began = Clock.monotonicMilliseconds()
        var built = false
        if isStale(layout.root, ["Sources", "Labs", "Solutions", "Package.swift"], "light") {
            try stamped("light") { try swiftBuild(layout.root, "the light package") }
            built = true
        }
        if isStale(layout.root, ["Sources", "Solutions", "Package.swift"], "cluster") {
            try stamped("cluster") {
                try swiftBuild(
                    layout.clusterPackage, "the cluster package (some minutes the first time)")
            }
            built = true
        }
        if built {
            let seconds = (Clock.monotonicMilliseconds() - began) / 1000
            terminal.say("built in \(seconds / 60) min \(seconds % 60) s")
        }
    }

    /// One product of the light package: a student's part, or what proves the kit.
    public func product(_ name: String) throws {
        try swiftBuild(layout.root, name, ["--product", name])
    }

    private func swiftBuild(_ package: String, _ what: String, _ more: [String] = []) throws {
        guard let swift = which("swift") else {
            throw LauncherError("no swift on the PATH: install Swift 6.3 or newer from swift.org")
        }
        let output = try Pipe()
        let child = try Child.spawn(
            swift,
            ["swift", "build", "-c", "release", "--package-path", package] + more,
            descriptors: [1: output.write.raw, 2: output.write.raw])
        var lines = Lines(output.intoRead())
        var complaints: [String] = []
        while let line = try lines.next() {
            if line.hasPrefix("[") {
                terminal.progress("building \(what) \(line)")
            } else if line.contains("error:") {
                complaints.append(line)
            } else if line.hasPrefix("Fetching") || line.hasPrefix("Computing") {
                terminal.progress("building \(what): \(line)")
            }
        }
        guard try child.wait().succeeded else {
            let shown = complaints.prefix(20).joined(separator: "\n")
            throw LauncherError("\(package) does not build:\n\(shown)")
        }
    }

    // A build that changes nothing still takes SwiftPM seconds; comparing times takes milliseconds.

    /// Beside the programs, not in the state: a purge, or a second state directory, builds nothing anew.
    private func stampPath(_ name: String) -> String { "\(layout.root)/.build/built-\(name)" }

    /// The stamp bears the time at which the build began, so that an edit made meanwhile counts as newer.
    private func stamped(_ name: String, _ build: () throws -> Void) throws {
        try Files.makeDirectories("\(layout.root)/.build")
        try Files.write("", to: stampPath(name) + ".new")
        try build()
        try check("rename the stamp of \(name)") {
            rename(stampPath(name) + ".new", stampPath(name))
        }
    }

    /// Whether any file in these places is newer than the last build.
    private func isStale(_ root: String, _ places: [String], _ name: String) -> Bool {
        guard let built = Files.modified(stampPath(name)) else { return true }
        return places.contains { newest(below: "\(root)/\($0)") > built }
    }

    private func newest(below path: String) -> Int {
        if path.contains("/.build") { return 0 }
        let own = path.hasSuffix(".md") ? 0 : Files.modified(path) ?? 0
        guard Files.isDirectory(path), let names = try? Files.list(path) else { return own }
        return names.reduce(own) { max($0, newest(below: "\(path)/\($1)")) }
    }
}

/// Lines from a descriptor, as they come.
package struct Lines: ~Copyable {
    private let source: FileDescriptor
    private var pending: [UInt8] = []

    package init(_ source: consuming FileDescriptor) { self.source = source }

    package mutating func next() throws(SystemError) -> String? {
        while true {
            if let end = pending.firstIndex(of: 10) {
                defer { pending.removeSubrange(...end) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            let chunk = try source.read(upTo: 65536)
            if chunk.isEmpty {
                if pending.isEmpty { return nil }
                defer { pending = [] }
                return String(decoding: pending, as: UTF8.self)
            }
            pending += chunk
        }
    }
}
