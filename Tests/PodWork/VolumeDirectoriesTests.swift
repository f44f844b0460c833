import Linux
import PodRuntime
import Testing

@testable import PodWork

/// Volumes on the real kernel, and what a container may plant in them.
@Suite struct VolumeDirectoriesTests {
    private func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-volume-")
        defer { try? Files.removeTree(directory) }
        try body(directory)
    }

    private func file(_ path: String, _ text: String, mode: Int = 0o644) -> VolumeFile {
        VolumeFile(
            path: path.split(separator: "/").map(String.init), bytes: Array(text.utf8), mode: mode)
    }

    @Test func allFilesChangeAtOnceAndWhatIsGoneIsGone() throws {
        try inDirectory { root in
            let directory = try AtomicDirectory(root)
            try directory.write([file("a/b", "old"), file("k", "old", mode: 0o400)])
            let held = try FileDescriptor.open("\(root)/k")
            #expect(try Files.readText("\(root)/a/b") == "old")
            try directory.write([file("k", "new"), file("z", "z")])
            #expect(try Files.readText("\(root)/k") == "new")
            #expect(try Files.readText("\(root)/z") == "z")
            #expect(!Files.exists("\(root)/a"))
            // Who has the old file open reads it to its end.
            #expect(try held.readToEnd() == Array("old".utf8))
            #expect(try Files.list(root).count == 4, "..data, one directory, k, z")
            var info = stat()
            #expect(stat("\(root)/k", &info) == 0 && info.st_mode & 0o7777 == 0o644)
        }
    }

    /// CVE-2021-25741: the kubelet writes as root, and a link in its way leads wherever the
    /// container likes.
    @Test func nothingIsWrittenThroughAPlantedLink() throws {
        try inDirectory { root in
            let (volume, outside) = ("\(root)/v", "\(root)/outside")
            for path in [volume, outside] { try Files.makeDirectories(path) }
            try Files.write("mine", to: "\(outside)/k")
            for name in ["k", "d", "..data", "..data_tmp"] {
                symlink("\(outside)/\(name)", "\(volume)/\(name)")
            }
            symlink(outside, "\(volume)/e")
            let directory = try AtomicDirectory(volume)
            try directory.write([file("k", "x"), file("d/x", "x"), file("e/x", "x")])
            #expect(try Files.list(outside) == ["k"])
            #expect(try Files.readText("\(outside)/k") == "mine")
            for name in ["k", "d/x", "e/x"] {
                #expect(try Files.readText("\(volume)/\(name)") == "x")
            }
        }
    }

    @Test func aVolumeThatIsItselfALinkIsRefused() throws {
        try inDirectory { root in
            symlink("/", "\(root)/v")
            #expect(throws: SystemError.self) { _ = try AtomicDirectory("\(root)/v") }
        }
    }

    /// CVE-2017-1002101.
    @Test(arguments: ["link", "link/etc", "up", "up/x", "inside/../link", "proc", "dangling/x"])
    func noSubPathLeadsOutOfItsVolume(_ path: String) throws {
        try inDirectory { root in
            let volume = "\(root)/v"
            try Files.makeDirectories("\(volume)/inside")
            symlink("/", "\(volume)/link")
            symlink("..", "\(volume)/up")
            symlink("/proc/self/root", "\(volume)/proc")
            symlink("\(root)/made", "\(volume)/dangling")
            let names = path.split(separator: "/").map(String.init)
            #expect(throws: ConfigError.self) { _ = try SubPath(names, in: volume) }
            #expect(!Files.exists("\(root)/made") && !Files.exists("\(root)/x"))
        }
    }

    @Test func aSubPathIsMadeWhereItIsMissingAndLinksInsideAreFollowed() throws {
        try inDirectory { root in
            chmod(root, 0o777)
            _ = try SubPath(["a", "b"], in: root)
            var info = stat()
            #expect(stat("\(root)/a/b", &info) == 0 && info.st_mode & 0o777 == 0o777)
            symlink("a/b", "\(root)/l")
            _ = try SubPath(["l"], in: root)
        }
    }

    /// What was found is mounted, whatever has its name by then.
    @Test(.enabled(if: geteuid() == 0, "mounting takes root"))
    func aPartThatIsExchangedAfterTheLookIsNotWhatIsMounted() throws {
        try inDirectory { root in
            try Files.makeDirectories("\(root)/v/part")
            try Files.write("right", to: "\(root)/v/part/x")
            let part = try SubPath(["part"], in: "\(root)/v")
            rename("\(root)/v/part", "\(root)/v/gone")
            symlink("/", "\(root)/v/part")
            let target = try part.mount(in: "\(root)/mounts", as: "0")
            defer { unmountAll(target) }
            #expect(try Files.list(target) == ["x"])
        }
    }
}
